#include "report/report_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <string_view>

#include "base/nearest_word.h"

namespace goshawk::report {
namespace {

constexpr std::string_view kHint = "write --report KIND=FILE, such as --report sarif=leaks.sarif";

Result<ReportFile> parse_report_file(const std::string& typed) {
  std::size_t equals = typed.find('=');
  std::string_view name = std::string_view(typed).substr(0, equals);
  std::vector<std::string_view> names = report_kind_names();
  auto kind = find_report_kind(name);
  if (!kind) {
    std::string hint = fmt::format("it takes {}", list_with_or(names));
    if (std::string_view nearest = find_nearest_word(name, names); !nearest.empty())
      hint = fmt::format("did you mean {}? {}", nearest, hint);
    return fail(Usage{fmt::format("--report does not know the kind \"{}\"", name), hint});
  }
  std::string path = equals == std::string::npos ? "" : typed.substr(equals + 1);
  if (path.empty() || path == "-")
    return fail(Usage{fmt::format("--report {} names no file", typed),
                      fmt::format("{}; for standard output: --format {}", kHint, name)});
  return ReportFile{*kind, std::move(path)};
}

// Two names of one file: by their paths, for it need not be there yet.
std::string whole_path(const std::string& path) {
  std::error_code error;
  std::filesystem::path whole =
      std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  return error ? path : whole.string();
}

Result<void> write_report_file(const ReportFile& file, std::span<const Judged> processes,
                               const ReportOptions& options) {
  auto output = TRY(FileOutput::to_file(file.path));
  render_report(*output, file.kind, processes, options);
  return output->finish();
}

}  // namespace

Result<std::vector<ReportFile>> parse_report_files(const std::vector<std::string>& typed,
                                                   const std::string& output) {
  std::vector<ReportFile> files;
  std::set<std::string> taken;
  if (!output.empty() && output != "-") taken.insert(whole_path(output));
  for (const std::string& text : typed) {
    files.push_back(TRY(parse_report_file(text)));
    if (!taken.insert(whole_path(files.back().path)).second)
      return fail(Usage{fmt::format("{} would be written twice", files.back().path),
                        "give each report a file of its own"});
  }
  return files;
}

Result<void> write_report_files(const std::vector<ReportFile>& files,
                                std::span<const Judged> processes, const ReportOptions& options) {
  ReportOptions plain = options;
  plain.style = {.palette = {}, .columns = 100, .all = options.style.all};
  Result<void> outcome;
  for (const ReportFile& file : files) {
    auto written = write_report_file(file, processes, plain);
    if (!written && outcome) outcome = written;
  }
  return outcome;
}

}  // namespace goshawk::report
