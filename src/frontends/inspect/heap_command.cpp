// What holds the memory of a process: the balance of all of it, and who holds the heap. Or, when it
// is asked for, of a few objects: who holds these, and what they hold.
#include "frontends/inspect/heap_command.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "frontends/inspect/asked_argument.h"
#include "frontends/inspect/attendance.h"
#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/timings.h"
#include "inspection/heap_inspection.h"
#include "inspection/inspection.h"
#include "pprof/encoder.h"
#include "report/heap_json.h"
#include "report/heap_text.h"
#include "report/retained_profile.h"
#include "report/retention_json.h"
#include "report/retention_text.h"

namespace goshawk::frontends::inspect {
namespace {

bool is_profile(Format format) { return format == Format::kPprof || format == Format::kFolded; }

Result<inspection::HeapInspection> inspect_several(const inspection::Source& source,
                                                   const inspection::Schedule& schedule,
                                                   bool verbose) {
  Attendance attendance(source, schedule, verbose);
  return inspection::inspect_heap_growth(source, schedule, attendance.wait_for_next(),
                                         attendance.after_picture());
}

Result<inspection::HeapInspection> inspect_once(const inspection::Source& source) {
  Progress progress(*source.stages, "reading " + describe_source(source));
  return inspection::inspect_heap(source);
}

Result<ExitCode> inspect_and_show(const HeapRequest& request, Stages& stages) {
  inspection::Source source = TRY(parse_target(request.target));
  source.stages = &stages;
  auto schedule = TRY(parse_schedule(request.schedule, source));
  inspection::HeapInspection heap =
      TRY(schedule ? inspect_several(source, *schedule, request.delivery.verbose)
                   : inspect_once(source));
  bool is_detail_asked =
      request.details.types || request.details.dominators || is_profile(request.delivery.format);
  if (is_detail_asked && !heap.answer.holders.known)
    return fail(
        Missing{"this snapshot was saved without the types of all objects, and who holds "
                "them",
                "goshawk snapshot --with-heap keeps them"});
  if (request.delivery.verbose) print_notes(heap.picture);
  tell_long_pause(source, heap.picture);
  stages.begin("show");
  std::string profile;
  if (request.delivery.format == Format::kPprof)
    profile = TRY(pprof::encode_gzipped(report::make_retained_profile(
        heap.answer.holders.parts, heap.picture.picture.taken_unix_ns)));
  // The answer to the one picture is told, but it is not what was asked for.
  if (heap.no_growth) print_note("what grows is not told: " + describe(*heap.no_growth));
  ExitCode code = heap.no_growth ? exit_code_of(*heap.no_growth) : ExitCode::kFine;
  return deliver(request.delivery, code, [&](Destination& destination) {
    report::Output& out = destination.output();
    switch (request.delivery.format) {
      case Format::kText:
        return report::render_heap_text(out, heap.picture, heap.answer,
                                        destination.text_style(request.all), request.details);
      case Format::kJson:
        return report::render_heap_json(out, heap.picture, heap.answer,
                                        timings_for(request.delivery, stages));
      case Format::kPprof:
        return out.write(profile);
      case Format::kFolded:
        return report::render_folded(out, heap.answer.holders.parts);
      default:
        return;  // not offered
    }
  });
}

struct Question {
  std::string_view option;
  const std::string& text;
  report::RetentionPart part;
};

Result<std::optional<Question>> find_question(const HeapRequest& request) {
  using report::RetentionPart;
  std::optional<Question> found;
  for (const Question& one : {Question{"--object", request.object, RetentionPart::kWhole},
                              Question{"--path", request.path, RetentionPart::kPaths},
                              Question{"--holds", request.holds, RetentionPart::kHolds},
                              Question{"--goroutine", request.goroutine, RetentionPart::kHolds}}) {
    if (one.text.empty()) continue;
    if (found)
      return fail(Usage{fmt::format("{} and {} ask for two things", found->option, one.option),
                        "ask one by one; --object says all of one"});
    found.emplace(one);
  }
  return found;
}

Result<ExitCode> answer_and_show(const HeapRequest& request, const Question& question,
                                 Stages& stages) {
  if (is_profile(request.delivery.format))
    return fail(Usage{fmt::format("{} has no profile", question.option),
                      "--format pprof and folded are of the whole heap"});
  if (!request.schedule.every.empty() || !request.schedule.samples.empty())
    return fail(Usage{fmt::format("{} is of one picture", question.option),
                      "--samples and --every tell what of the whole heap grows"});
  bool is_goroutine = question.option == "--goroutine";
  findings::Asked asked =
      TRY(is_goroutine ? parse_asked_goroutine(question.text)
                       : parse_asked(std::string(question.option), question.text));
  inspection::Source source = TRY(parse_target(request.target));
  source.stages = &stages;
  inspection::RetentionInspection found = TRY([&] {
    Progress progress(stages, "reading " + describe_source(source));
    return inspection::inspect_retention(source, asked,
                                         (is_goroutine ? "goroutine " : "") + question.text);
  }());
  if (request.delivery.verbose) print_notes(found.picture);
  tell_long_pause(source, found.picture);
  stages.begin("show");
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    if (request.delivery.format == Format::kJson)
      return report::render_retention_json(destination.output(), found.picture, found.retention,
                                           timings_for(request.delivery, stages));
    report::render_retention_text(destination.output(), found.picture, found.retention,
                                  question.part, destination.text_style(request.all));
  });
}

Result<ExitCode> run(const HeapRequest& request, Stages& stages) {
  auto question = TRY(find_question(request));
  return question ? answer_and_show(request, *question, stages) : inspect_and_show(request, stages);
}

}  // namespace

ExitCode run_heap(const HeapRequest& request) {
  return run_timed(request.delivery, request.target,
                   [&](Stages& stages) { return run(request, stages); });
}

}  // namespace goshawk::frontends::inspect
