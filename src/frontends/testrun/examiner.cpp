#include "frontends/testrun/examiner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string_view>

#include "base/read_file.h"
#include "goruntime/census.h"
#include "report/foreign_text.h"
#include "report/holders_text.h"
#include "report/measures.h"
#include "report/run_text.h"
#include "target/process.h"

namespace goshawk::frontends::testrun {

using findings::Confidence;

namespace {

constexpr std::uint64_t kMostSuppressionBytes = 1 << 20;
constexpr std::uint64_t kMostBaselineBytes = 1 << 28;

Result<inspection::Accepted> read_accepted(const RunRequest& request) {
  inspection::Accepted accepted;
  std::string path = request.suppressions;
  std::error_code error;
  if (path.empty() && !request.no_suppressions &&
      std::filesystem::is_regular_file(kSuppressionFile, error))
    path = kSuppressionFile;
  if (!path.empty()) {
    std::string text =
        TRY(read_file(path, kMostSuppressionBytes, "name another one, or --no-suppressions"));
    accepted.suppressions = TRY(findings::parse_suppressions(text, path));
  }
  if (!request.baseline.empty()) {
    std::string text = TRY(read_file(request.baseline, kMostBaselineBytes,
                                     "make one: goshawk test --report "
                                     "json=FILE ./..."));
    accepted.baseline = TRY(findings::parse_baseline(text, request.baseline));
  }
  return accepted;
}

// Of the test binaries of one `go test` each has a report of its own.
std::vector<std::string> expand_names(std::vector<std::string> reports) {
  constexpr std::string_view kNumber = "%p";
  for (std::string& report : reports)
    for (std::size_t at = 0; (at = report.find(kNumber, at)) != std::string::npos;)
      report.replace(at, kNumber.size(), fmt::format("{}", ::getpid()));
  return reports;
}

}  // namespace

void note(const std::string& text) {
  fmt::print(stderr, "goshawk: {}\n", report::escape_controls(text));
}

Result<bool> is_go_program(std::int64_t pid) {
  int executable = TRY(target::open_executable_of(pid));
  return goruntime::read_go_executable(executable).has_value();
}

std::string executable_name(const target::Target& target) {
  std::string path = target.executable_path();
  return path.substr(path.rfind('/') + 1);
}

std::optional<Confidence> fails_from(const RunRequest& request) {
  for (Confidence confidence : {Confidence::kProven, Confidence::kLikely, Confidence::kSuspected})
    if (request.fail_on == findings::to_text(confidence)) return confidence;
  return std::nullopt;
}

Result<Examiner> Examiner::prepare(const RunRequest& request) {
  Examiner examiner(request);
  examiner.accepted_ = TRY(read_accepted(request));
  examiner.files_ = TRY(report::parse_report_files(expand_names(request.reports), ""));
  return examiner;
}

Result<Examined> Examiner::examine(std::unique_ptr<target::Target> target) const {
  std::string name = executable_name(*target);
  inspection::Source source{.name = name, .pid = target->pid(), .executable = {}};
  inspection::Inspection inspection = TRY(inspection::inspect(
      std::move(target), source, accepted_, {.goid = {}, .holders = request_.children}));
  Examined examined{report::make_judged(inspection.picture, std::move(inspection.verdict)),
                    std::move(inspection.holders)};
  examined.judged.name = name;
  return examined;
}

bool Examiner::fails(const findings::Finding& finding) const {
  auto least = fails_from(request_);
  return least && finding.known != true && finding.confidence <= *least;
}

bool Examiner::fails(const Examined& examined) const {
  return std::ranges::any_of(examined.judged.verdict.findings,
                             [&](const findings::Finding& finding) { return fails(finding); });
}

bool Examiner::write_reports(const std::vector<report::ReportFile>& files,
                             std::span<const Examined> processes) const {
  if (files.empty()) return true;
  std::vector<report::Judged> judged;
  for (const Examined& examined : processes) judged.push_back(examined.judged);
  report::ReportOptions options{.style = {.palette = {}, .all = request_.all},
                                .sources = report::SourceTree::around("."),
                                .fails_from = fails_from(request_),
                                .of_a_run = true};
  auto written = report::write_report_files(files, judged, options);
  if (!written) note(describe(written.error()));
  return written.has_value();
}

std::string tally(std::span<const Examined> processes) {
  std::uint64_t goroutines = 0, leaked = 0;
  for (const Examined& process : processes) {
    goroutines += process.judged.verdict.checked.goroutines;
    leaked += process.judged.verdict.checked.leaked;
  }
  return fmt::format("{} checked, {} proven leaked", report::plural(goroutines, "goroutine"),
                     report::human_count(leaked));
}

void tell(report::Output& out, const Examined& examined, const report::TextStyle& style) {
  report::render_run_text(out, examined.judged, style);
  if (!examined.holders || examined.holders->suspects.empty()) return;
  std::set<std::uint64_t> proven;
  for (const findings::Finding& finding : examined.judged.verdict.findings)
    if (finding.confidence == Confidence::kProven)
      proven.insert(finding.goids.begin(), finding.goids.end());
  report::render_suspects_of_run(out, examined.judged.name, *examined.holders, proven, style);
}

}  // namespace goshawk::frontends::testrun
