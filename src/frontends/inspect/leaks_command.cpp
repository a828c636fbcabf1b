// Which goroutines of a process can never run again: inspect it and show the verdict.
#include "frontends/inspect/leaks_command.h"

#include <algorithm>
#include <chrono>

#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/rule_argument.h"
#include "inspection/inspection.h"
#include "pprof/profile.h"
#include "report/goroutine_profile.h"
#include "report/leaks_json.h"
#include "report/leaks_text.h"

namespace goshawk::frontends::inspect {

using findings::Confidence;

namespace {

Result<std::vector<std::string_view>> parse_rules(const std::vector<std::string>& names) {
  std::vector<std::string_view> ids;
  for (const std::string& name : names) ids.push_back(TRY(parse_rule(name))->id);
  return ids;
}

report::Selection leaked_goroutines(const inspection::Inspection& inspection) {
  report::GoroutineFilter filter;
  for (const findings::Finding& finding : inspection.verdict.findings)
    for (std::uint64_t goid : finding.goids) filter.goids.push_back({goid, goid});
  if (filter.goids.empty()) return {};
  return report::select_goroutines(inspection.picture, filter);
}

Result<std::string> encode_leaks(const inspection::Inspection& inspection) {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return pprof::encode_gzipped(report::make_goroutine_profile(
      inspection.picture, leaked_goroutines(inspection), "goroutineleak",
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
}

Result<ExitCode> show(const LeaksRequest& request, const inspection::Inspection& inspection,
                      ExitCode code) {
  std::string profile;
  if (request.delivery.format == Format::kPprof) profile = TRY(encode_leaks(inspection));
  return deliver(request.delivery, code, [&](Destination& destination) {
    report::Output& out = destination.output();
    switch (request.delivery.format) {
      case Format::kText:
        return report::render_leaks_text(out, inspection.picture, inspection.verdict,
                                         destination.text_style(request.all));
      case Format::kJson:
        return report::render_leaks_json(out, inspection.picture, inspection.verdict, request.all);
      case Format::kPprof:
        return out.write(profile);
    }
  });
}

Result<ExitCode> find_and_show(const LeaksRequest& request) {
  inspection::Source source = TRY(parse_target(request.target));
  std::vector<std::string_view> rules = TRY(parse_rules(request.rules));
  inspection::Inspection inspection = TRY([&] {
    Progress progress("reading " + describe_source(source));
    return inspection::inspect(source);
  }());
  if (request.delivery.verbose) print_notes(inspection.picture);
  if (!rules.empty()) keep_rules(inspection.verdict, rules);
  bool failed = (request.fail_on == "proven" &&
                 has_finding_at_least(inspection.verdict, Confidence::kProven)) ||
                (request.fail_on == "likely" &&
                 has_finding_at_least(inspection.verdict, Confidence::kLikely));
  return show(request, inspection, failed ? ExitCode::kFindings : ExitCode::kFine);
}

}  // namespace

void keep_rules(findings::Verdict& verdict, const std::vector<std::string_view>& rules) {
  std::erase_if(verdict.findings, [&](const findings::Finding& finding) {
    return std::ranges::find(rules, finding.rule) == rules.end();
  });
}

bool has_finding_at_least(const findings::Verdict& verdict, Confidence confidence) {
  return std::ranges::any_of(verdict.findings, [&](const findings::Finding& finding) {
    return finding.confidence <= confidence;
  });
}

ExitCode run_leaks(const LeaksRequest& request) {
  auto code = find_and_show(request);
  return code ? *code : report_error(code.error());
}

}  // namespace goshawk::frontends::inspect
