// Which goroutines of a process can never run again: inspect it and show the verdict.
#include "frontends/inspect/leaks_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "frontends/inspect/attendance.h"
#include "frontends/inspect/goid_argument.h"
#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/rule_argument.h"
#include "frontends/inspect/timings.h"
#include "inspection/inspection.h"
#include "pprof/profile.h"
#include "report/goroutine_profile.h"
#include "report/holders_text.h"
#include "report/leaks_json.h"
#include "report/leaks_text.h"
#include "report/measures.h"
#include "report/story_json.h"
#include "report/story_text.h"

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

std::set<std::uint64_t> proven_goids(const inspection::Inspection& inspection) {
  std::set<std::uint64_t> goids;
  for (const findings::Finding& finding : inspection.verdict.findings)
    if (finding.confidence == Confidence::kProven)
      goids.insert(finding.goids.begin(), finding.goids.end());
  return goids;
}

// A profile has no place for it.
void tell_suppressed(const findings::Verdict& verdict) {
  if (verdict.checked.suppressed > 0)
    print_note(fmt::format("{} suppressed by {} and not in the profile",
                           report::plural(verdict.checked.suppressed, "goroutine"),
                           verdict.suppressions.path));
}

Result<std::string> encode_leaks(const inspection::Inspection& inspection) {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return pprof::encode_gzipped(report::make_goroutine_profile(
      inspection.picture, leaked_goroutines(inspection), "goroutineleak",
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
}

Result<ExitCode> show(const LeaksRequest& request, const inspection::Inspection& inspection,
                      ExitCode code, const Stages& stages) {
  std::string profile;
  if (request.delivery.format == Format::kPprof) {
    profile = TRY(encode_leaks(inspection));
    tell_suppressed(inspection.verdict);
  }
  return deliver(request.delivery, code, [&](Destination& destination) {
    report::Output& out = destination.output();
    switch (request.delivery.format) {
      case Format::kText:
        report::render_leaks_text(out, inspection.picture, inspection.verdict,
                                  destination.text_style(request.all));
        if (inspection.holders)
          report::render_suspects_in_short(out, inspection.picture.target.name, *inspection.holders,
                                           proven_goids(inspection),
                                           destination.text_style(request.all));
        return;
      case Format::kJson:
        return report::render_leaks_json(out, inspection.picture, inspection.verdict, request.all,
                                         timings_for(request.delivery, stages));
      case Format::kPprof:
        return out.write(profile);
      case Format::kFolded:
        return;  // of the heap only
    }
  });
}

Result<std::optional<std::uint64_t>> parse_story_goid(const LeaksRequest& request) {
  if (request.goroutine.empty()) return std::nullopt;
  auto range = parse_goids(request.goroutine);
  if (!range || range->first != range->last)
    return fail(Usage{"--goroutine: \"" + request.goroutine + "\" is no goroutine id",
                      "give one number, such as --goroutine 18"});
  if (request.delivery.format == Format::kPprof || !request.rules.empty() ||
      !request.fail_on.empty() || !request.schedule.every.empty() ||
      !request.schedule.samples.empty() || !request.accepted.suppressions.empty() ||
      !request.accepted.baseline.empty())
    return fail(Usage{
        "--goroutine tells of one goroutine, whether it is suppressed or known or not: it goes "
        "with neither --rule, --fail-on, --samples, --every, --suppressions, --baseline nor "
        "--format pprof",
        "leave them out, or ask for all leaks"});
  return range->first;
}

Result<ExitCode> show_story(const LeaksRequest& request, const inspection::Inspection& inspection,
                            const Stages& stages) {
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    report::Output& out = destination.output();
    if (request.delivery.format == Format::kJson)
      report::render_story_json(out, inspection.picture, *inspection.story,
                                timings_for(request.delivery, stages));
    else
      report::render_story_text(out, inspection.picture, *inspection.story,
                                destination.text_style(true));
  });
}

Result<inspection::Inspection> inspect_several(const inspection::Source& source,
                                               const inspection::Accepted& accepted,
                                               const inspection::Schedule& schedule, bool verbose) {
  Attendance attendance(source, schedule, verbose);
  return inspection::inspect_growth(source, accepted, schedule, attendance.wait_for_next(),
                                    attendance.after_picture());
}

Result<inspection::Inspection> inspect_once(const inspection::Source& source,
                                            const inspection::Accepted& accepted,
                                            const inspection::AlsoAsked& also) {
  Progress progress(*source.stages, "reading " + describe_source(source));
  return inspection::inspect(source, accepted, also);
}

Result<ExitCode> find_and_show(const LeaksRequest& request, Stages& stages) {
  inspection::Source source = TRY(parse_target(request.target));
  source.stages = &stages;
  std::optional<std::uint64_t> goid = TRY(parse_story_goid(request));
  std::vector<std::string_view> rules = TRY(parse_rules(request.rules));
  inspection::Accepted accepted;
  if (!goid) accepted = TRY(read_accepted(request.accepted));
  auto schedule = TRY(parse_schedule(request.schedule, source));
  inspection::AlsoAsked also{
      .goid = goid,
      .holders = request.heap_suspects && !goid && request.delivery.format == Format::kText};
  inspection::Inspection inspection =
      TRY(schedule ? inspect_several(source, accepted, *schedule, request.delivery.verbose)
                   : inspect_once(source, accepted, also));
  if (request.delivery.verbose) print_notes(inspection.picture);
  stages.begin("show");
  if (goid) return show_story(request, inspection, stages);
  if (!rules.empty()) keep_rules(inspection.verdict, rules);
  bool failed = (request.fail_on == "proven" &&
                 has_new_finding_at_least(inspection.verdict, Confidence::kProven)) ||
                (request.fail_on == "likely" &&
                 has_new_finding_at_least(inspection.verdict, Confidence::kLikely)) ||
                (request.fail_on == "suspected" &&
                 has_new_finding_at_least(inspection.verdict, Confidence::kSuspected));
  return show(request, inspection, failed ? ExitCode::kFindings : ExitCode::kFine, stages);
}

}  // namespace

void keep_rules(findings::Verdict& verdict, const std::vector<std::string_view>& rules) {
  auto is_other = [&](const auto& finding) {
    return std::ranges::find(rules, finding.rule) == rules.end();
  };
  std::erase_if(verdict.findings, is_other);
  for (findings::Suppressed& suppressed : verdict.suppressed)
    std::erase_if(suppressed.findings, is_other);
  std::erase_if(verdict.suppressed,
                [](const findings::Suppressed& suppressed) { return suppressed.findings.empty(); });
  if (verdict.baseline) std::erase_if(verdict.baseline->gone, is_other);
}

bool has_new_finding_at_least(const findings::Verdict& verdict, Confidence confidence) {
  return std::ranges::any_of(verdict.findings, [&](const findings::Finding& finding) {
    return finding.known != true && finding.confidence <= confidence;
  });
}

ExitCode run_leaks(const LeaksRequest& request) {
  return run_timed(request.delivery,
                   [&](Stages& stages) { return find_and_show(request, stages); });
}

}  // namespace goshawk::frontends::inspect
