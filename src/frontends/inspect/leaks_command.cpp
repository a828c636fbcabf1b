// Which goroutines of a process can never run again: inspect it and show the verdict.
#include "frontends/inspect/leaks_command.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <set>

#include "frontends/inspect/attendance.h"
#include "frontends/inspect/goid_argument.h"
#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/timings.h"
#include "inspection/inspection.h"
#include "pprof/encoder.h"
#include "report/goroutine_profile.h"
#include "report/holders_text.h"
#include "report/measures.h"
#include "report/report_files.h"
#include "report/story_json.h"
#include "report/story_text.h"

namespace goshawk::frontends::inspect {

using findings::Confidence;
using inspection::fails_from;
using inspection::parse_rules;
using inspection::report_kind_of;

namespace {

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

Result<ExitCode> show_profile(const LeaksRequest& request, const inspection::Inspection& inspection,
                              ExitCode code) {
  std::string profile = TRY(encode_leaks(inspection));
  tell_suppressed(inspection.verdict);
  return deliver(request.delivery, code,
                 [&](Destination& destination) { destination.output().write(profile); });
}

Result<ExitCode> show_report(const LeaksRequest& request, const inspection::Inspection& inspection,
                             std::span<const report::Judged> judged, report::ReportOptions options,
                             ExitCode code) {
  report::ReportKind kind = *report_kind_of(request.delivery.format);
  return deliver(request.delivery, code, [&](Destination& destination) {
    report::Output& out = destination.output();
    options.style = destination.text_style(request.all);
    report::render_report(out, kind, judged, options);
    if (kind == report::ReportKind::kText && inspection.holders)
      report::render_suspects_in_short(out, inspection.picture.target.name, *inspection.holders,
                                       proven_goids(inspection), options.style);
  });
}

// The result first; reports that fail then leave it as it is, but not the exit code.
Result<ExitCode> show(const LeaksRequest& request, const std::vector<report::ReportFile>& files,
                      const inspection::Inspection& inspection, ExitCode code,
                      const Stages& stages) {
  const report::Judged judged = report::make_judged(inspection.picture, inspection.verdict);
  report::ReportOptions options{.style = {.palette = {}, .all = request.all},
                                .sources = report::SourceTree::around("."),
                                .fails_from = fails_from(request.fail_on),
                                .timings = timings_for(request.delivery, stages)};
  code = TRY(report_kind_of(request.delivery.format)
                 ? show_report(request, inspection, {&judged, 1}, options, code)
                 : show_profile(request, inspection, code));
  TRY_VOID(report::write_report_files(files, {&judged, 1}, options));
  return code;
}

Result<std::optional<std::uint64_t>> parse_story_goid(const LeaksRequest& request) {
  if (request.goroutine.empty()) return std::nullopt;
  auto range = parse_goids(request.goroutine);
  if (!range || range->first != range->last)
    return fail(Usage{"--goroutine: \"" + request.goroutine + "\" is no goroutine id",
                      "give one number, such as --goroutine 18"});
  bool shows = request.delivery.format == Format::kText || request.delivery.format == Format::kJson;
  if (!shows || !request.reports.empty() || !request.rules.empty() || !request.fail_on.empty() ||
      !request.accepted.suppressions.empty() || !request.accepted.baseline.empty())
    return fail(Usage{
        "--goroutine tells of one goroutine, whether it is suppressed or known or not: it goes "
        "with neither --rule, --fail-on, --suppressions, --baseline, --report nor a format "
        "other than text and json",
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
                                               const inspection::Schedule& schedule,
                                               std::optional<std::uint64_t> goid, bool verbose) {
  Attendance attendance(source, schedule, verbose);
  return inspection::inspect_growth(source, accepted, schedule, attendance.wait_for_next(),
                                    attendance.after_picture(), goid);
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
  auto files = TRY(report::parse_report_files(request.reports, request.delivery.path));
  inspection::Accepted accepted;
  if (!goid) accepted = TRY(read_accepted(request.accepted));
  auto schedule = TRY(parse_schedule(request.schedule, source));
  inspection::AlsoAsked also{
      .goid = goid,
      .holders = request.heap_suspects && !goid && request.delivery.format == Format::kText};
  inspection::Inspection inspection =
      TRY(schedule ? inspect_several(source, accepted, *schedule, goid, request.delivery.verbose)
                   : inspect_once(source, accepted, also));
  if (request.delivery.verbose) print_notes(inspection.picture);
  tell_long_pause(source, inspection.picture);
  stages.begin("show");
  if (goid) return show_story(request, inspection, stages);
  if (!rules.empty()) keep_rules(inspection.verdict, rules);
  auto least = fails_from(request.fail_on);
  bool failed = least && has_new_finding_at_least(inspection.verdict, *least);
  return show(request, files, inspection, failed ? ExitCode::kFindings : ExitCode::kFine, stages);
}

}  // namespace

ExitCode run_leaks(const LeaksRequest& request) {
  return run_timed(request.delivery, request.target,
                   [&](Stages& stages) { return find_and_show(request, stages); });
}

}  // namespace goshawk::frontends::inspect
