// The folder is ours alone (mkdtemp), and each file in it appears whole: a test binary that was
// killed has left none.
#include "frontends/testrun/joined_reports.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <utility>

#include "base/read_file.h"
#include "frontends/testrun/examiner.h"
#include "goruntime/census.h"
#include "report/judged_file.h"
#include "report/output.h"
#include "report/run_suppressions.h"
#include "report/source_tree.h"
#include "target/file_descriptor.h"

namespace goshawk::frontends::testrun {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;  // of one test binary

// "example.com/shop" of "example.com/shop.test"; "" where the executable does not say.
std::string tested_package(const std::string& executable) {
  target::FileDescriptor file(::open(executable.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return "";
  auto program = goruntime::read_go_executable(file.release());
  std::string path = program ? program->main_path : "";
  constexpr std::string_view kTest = ".test";
  if (path.ends_with(kTest)) path.resize(path.size() - kTest.size());
  return path;
}

Result<std::vector<report::Judged>> read_one(const std::string& path) {
  std::string bytes = TRY(read_file(path, kMostBytes, "goshawk itself wrote it"));
  return report::decode_judged(std::as_bytes(std::span(bytes)), path);
}

Result<std::string> make_folder() {
  std::error_code error;
  std::string name = (std::filesystem::temp_directory_path(error) / "goshawk-XXXXXX").string();
  if (error || ::mkdtemp(name.data()) == nullptr)
    return fail(Missing{fmt::format("no folder for what the test binaries find: {}",
                                    error ? error.message() : std::strerror(errno)),
                        "set TMPDIR to a folder that can be written"});
  return name;
}

// Of a file that lies below the current folder, as it is called from there.
std::string from_here(const std::string& path) {
  std::error_code error;
  std::filesystem::path here = std::filesystem::current_path(error);
  std::filesystem::path near = std::filesystem::path(path).lexically_relative(here);
  return error || near.empty() || near.native().starts_with("..") ? path : near.string();
}

}  // namespace

bool is_of_each(const std::string& report) { return report.find("%p") != std::string::npos; }

Result<JoinedReports> JoinedReports::begin(const RunRequest& request) {
  JoinedReports joined;
  std::vector<std::string> ours;
  std::ranges::copy_if(request.reports, std::back_inserter(ours),
                       [](const std::string& report) { return !is_of_each(report); });
  joined.files_ = TRY(report::parse_report_files(ours, ""));
  auto folder = make_folder();
  if (!folder && !joined.files_.empty()) return fail(std::move(folder).error());
  joined.folder_ = std::move(folder).value_or("");
  return joined;
}

JoinedReports::JoinedReports(JoinedReports&& other) noexcept
    : files_(std::move(other.files_)), folder_(std::exchange(other.folder_, {})) {}

JoinedReports::~JoinedReports() {
  std::error_code nobody_to_tell;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, nobody_to_tell);
}

Result<void> JoinedReports::finish(const RunRequest& request) const {
  if (folder_.empty()) return {};
  std::vector<report::Judged> processes;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error))
    for (report::Judged& judged : TRY(read_one(entry.path().string())))
      processes.push_back(std::move(judged));
  if (error) return fail(Missing{"the folder " + folder_ + ": " + error.message(), ""});
  std::ranges::sort(processes, {}, [](const report::Judged& judged) {
    return std::pair(judged.name, judged.target.pid);
  });
  for (report::Judged& judged : processes)
    judged.verdict.suppressions.path = from_here(judged.verdict.suppressions.path);
  for (const std::string& line : report::describe_idle_suppressions(processes, true)) note(line);
  if (files_.empty()) return {};
  return report::write_report_files(files_, processes,
                                    {.style = {.palette = {}, .all = request.all},
                                     .sources = report::SourceTree::around("."),
                                     .fails_from = fails_from(request),
                                     .of_a_run = true});
}

Result<void> leave_for_join(const std::string& folder, std::vector<report::Judged> processes) {
  std::error_code error;
  for (report::Judged& judged : processes) {
    std::string& path = judged.verdict.suppressions.path;  // each package may have its own
    if (!path.empty()) path = std::filesystem::absolute(path, error).string();
  }
  for (report::Judged& judged : processes)
    if (std::string package = tested_package(judged.target.executable); !package.empty())
      judged.name = std::move(package);
  auto file = TRY(report::FileOutput::to_file(fmt::format("{}/{}", folder, ::getpid())));
  file->write(report::encode_judged(processes));
  return file->finish();
}

}  // namespace goshawk::frontends::testrun
