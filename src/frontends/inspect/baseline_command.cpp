// What is known of all sources together, each finding once. A file that begins as JSON does is a
// report or a baseline; everything else is a target, and is judged as `goshawk leaks` would.
// Reports and suppressions are read before the first target is touched.
#include "frontends/inspect/baseline_command.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/read_file.h"
#include "findings/baseline.h"
#include "frontends/inspect/progress.h"
#include "inspection/inspection.h"
#include "report/baseline_json.h"

namespace goshawk::frontends::inspect {
namespace {

using findings::KnownFinding;

constexpr std::uint64_t kMostReportBytes = 1 << 28;

bool begins_as_json(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream file(path);
  char first = '\0';
  file >> first;  // passes over blanks
  return first == '{';
}

Result<std::vector<KnownFinding>> read_known(const std::string& path) {
  std::string text = TRY(read_file(path, kMostReportBytes, "name another report"));
  return TRY(findings::parse_baseline(text, path)).findings;
}

Result<std::vector<KnownFinding>> inspect_known(inspection::Source source,
                                                const inspection::Accepted& accepted) {
  Stages stages;
  source.stages = &stages;
  Progress progress(stages, "reading " + describe_source(source));
  return findings::known_findings(TRY(inspection::inspect(source, accepted)).verdict);
}

Result<std::vector<KnownFinding>> gather_known(const BaselineRequest& request) {
  std::vector<KnownFinding> known;
  auto add = [&](const std::vector<KnownFinding>& more) {
    known.insert(known.end(), more.begin(), more.end());
  };
  std::vector<inspection::Source> targets;
  inspection::Accepted accepted = TRY(read_accepted(request.accepted));
  for (const std::string& text : request.sources) {
    if (begins_as_json(text)) {
      add(TRY(read_known(text)));
    } else {
      TargetArgument argument = request.target;
      argument.text = text;
      targets.push_back(TRY(parse_target(argument)));
    }
  }
  for (const inspection::Source& target : targets) add(TRY(inspect_known(target, accepted)));
  return known;
}

}  // namespace

ExitCode run_baseline(const BaselineRequest& request) {
  auto known = gather_known(request);
  if (!known) return report_error(known.error());
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    if (request.delivery.format == Format::kToml)
      report::render_suppression_draft(destination.output(), *std::move(known));
    else
      report::render_baseline_json(destination.output(), *std::move(known));
  });
}

}  // namespace goshawk::frontends::inspect
