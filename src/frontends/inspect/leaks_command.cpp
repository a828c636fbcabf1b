// Which goroutines of a process can never run again: inspect it and show the verdict.
#include "frontends/inspect/leaks_command.h"

#include <algorithm>
#include <chrono>

#include "findings/rules.h"
#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/target_argument.h"
#include "inspection/inspection.h"
#include "pprof/profile.h"
#include "report/goroutine_profile.h"
#include "report/leaks_json.h"
#include "report/leaks_text.h"

namespace goshawk::frontends::inspect {

using findings::Confidence;

namespace {

// nullopt: never.
Result<std::optional<Confidence>> parse_fail_on(const std::string& text) {
  if (text.empty() || text == "never") return std::optional<Confidence>();
  for (Confidence confidence : {Confidence::kProven, Confidence::kLikely, Confidence::kSuspected})
    if (text == findings::to_text(confidence)) return std::optional(confidence);
  return fail(Usage{"--fail-on does not know \"" + text + "\"",
                    "it takes proven, likely, suspected or never"});
}

Result<std::string> parse_rule(const std::string& text) {
  if (text.empty()) return std::string();
  const findings::Rule* rule = findings::find_rule(text);
  if (rule == nullptr)
    return fail(Usage{"there is no rule \"" + text + "\"", "`goshawk explain` lists them"});
  return std::string(rule->id);
}

report::Selection leaked_goroutines(const inspection::Inspection& inspection) {
  report::GoroutineFilter filter;
  for (const findings::Finding& finding : inspection.verdict.findings)
    filter.goids.insert(filter.goids.end(), finding.goids.begin(), finding.goids.end());
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
  std::int64_t pid = TRY(parse_target(request.target));
  std::optional<Confidence> fail_on = TRY(parse_fail_on(request.fail_on));
  std::string rule = TRY(parse_rule(request.rule));
  inspection::Inspection inspection = TRY([&] {
    Progress progress("reading process " + request.target);
    return inspection::inspect(pid);
  }());
  if (request.delivery.verbose) print_notes(inspection.picture);
  if (!rule.empty()) keep_rule(inspection.verdict, rule);
  bool failed = fail_on && has_finding_at_least(inspection.verdict, *fail_on);
  return show(request, inspection, failed ? ExitCode::kFindings : ExitCode::kFine);
}

}  // namespace

void keep_rule(findings::Verdict& verdict, std::string_view rule) {
  std::erase_if(verdict.findings, [&](const findings::Finding& f) { return f.rule != rule; });
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
