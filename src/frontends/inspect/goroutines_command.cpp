// The goroutines of a process: grouped for people, one by one in the runtime's own text, as JSON or
// as a pprof profile. The heap is not read for any of it.
#include "frontends/inspect/goroutines_command.h"

#include <fmt/format.h>

#include <chrono>

#include "base/duration.h"
#include "base/nearest_word.h"
#include "frontends/inspect/goid_argument.h"
#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/timings.h"
#include "inspection/dump_source.h"
#include "inspection/inspection.h"
#include "pprof/encoder.h"
#include "report/goroutine_dump.h"
#include "report/goroutine_profile.h"
#include "report/goroutines_json.h"
#include "report/goroutines_text.h"
#include "report/measures.h"

namespace goshawk::frontends::inspect {
namespace {

Result<snapshot::Status> parse_state(const std::string& text, const std::string& target) {
  if (auto status = report::find_state(text)) return *status;
  Usage error{"--state does not know \"" + text + "\"",
              "it takes " + list_with_or(report::state_names())};
  if (text == "leaked")
    error.hint = "`goshawk leaks " + target + "` shows the goroutines that are leaked";
  else if (auto nearest = find_nearest_word(text, report::state_names()); !nearest.empty())
    error.hint = "did you mean " + std::string(nearest) + "? " + error.hint;
  return fail(error);
}

Result<report::GoroutineFilter> make_filter(const GoroutinesRequest& request) {
  report::GoroutineFilter filter;
  filter.system = request.system;
  filter.wait_reason = request.wait_reason;
  for (const std::string& state : request.states)
    filter.states.push_back(TRY(parse_state(state, request.target.text)));
  for (const std::string& goids : request.goids) filter.goids.push_back(TRY(parse_goids(goids)));
  if (!request.function.empty())
    filter.function = TRY(report::NamePattern::compile(request.function));
  if (!request.min_age.empty())
    filter.min_age_ns = TRY(parse_duration("--min-age", request.min_age));
  if (!request.max_age.empty())
    filter.max_age_ns = TRY(parse_duration("--max-age", request.max_age));
  return filter;
}

Result<std::string> encode_profile(const snapshot::Snapshot& picture,
                                   const report::Selection& selection) {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return pprof::encode_gzipped(report::make_goroutine_profile(
      picture, selection, "goroutine",
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()));
}

// Labels have their place behind the headers of the dump; the grouped list shows them anyway.
bool is_dump(const GoroutinesRequest& request) {
  return request.delivery.format == Format::kText &&
         (request.all || request.labels || !request.goids.empty());
}

void show_text(const GoroutinesRequest& request, Destination& destination,
               const snapshot::Snapshot& picture, const report::Selection& selection,
               const std::string& note) {
  if (is_dump(request))
    report::render_goroutine_dump(destination.output(), picture, selection, request.labels);
  else
    report::render_goroutines_text(destination.output(), picture, selection,
                                   destination.text_style(false), note);
}

// What the result cannot say itself, because others read it or it is empty.
void tell_apart(const GoroutinesRequest& request, const snapshot::Snapshot& picture,
                const report::GoroutineFilter& filter, const report::Selection& selection,
                const std::string& note) {
  bool grouped = request.delivery.format == Format::kText && !is_dump(request);
  if (!note.empty() && !grouped) print_note(note);
  if (request.labels && picture.picture.labels_left_out)
    print_note(
        "this snapshot was saved without labels; `goshawk snapshot --with-strings` keeps them");
  if (request.delivery.format != Format::kText) return;
  auto missing = report::find_missing_goids(picture, filter);
  if (!missing.empty())
    print_note(
        fmt::format("{} has no goroutine {}; `goshawk goroutines {}` lists those that it has",
                    (picture.target.kind == "process" ? "process " : "") + picture.target.name,
                    list_goids(missing), picture.target.name));
  else if (selection.empty() && is_dump(request))
    print_note(fmt::format("none of {} passes the filters",
                           report::plural(picture.goroutines.size(), "goroutine")));
}

Result<ExitCode> show(const GoroutinesRequest& request, const snapshot::Snapshot& picture,
                      const report::GoroutineFilter& filter, const Stages& stages) {
  report::Selection selection = report::select_goroutines(picture, filter);
  std::string note = report::unknown_ages_note(picture, filter);
  tell_apart(request, picture, filter, selection, note);
  std::string profile;
  if (request.delivery.format == Format::kPprof) profile = TRY(encode_profile(picture, selection));
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    switch (request.delivery.format) {
      case Format::kText:
        return show_text(request, destination, picture, selection, note);
      case Format::kJson:
        return report::render_goroutines_json(destination.output(), picture, selection,
                                              timings_for(request.delivery, stages));
      case Format::kPprof:
        return destination.output().write(profile);
      default:
        return;  // not offered
    }
  });
}

Result<void> check_options_of_dump(const GoroutinesRequest& request) {
  const TargetArgument& target = request.target;
  bool of_process = request.no_stop || !target.executable.empty() ||
                    !target.debug_directory.empty() || !target.runtime.empty() ||
                    !target.way.empty() || !target.max_pause.empty() || !target.max_memory.empty();
  if (!of_process) return {};
  return fail(Usage{
      "how a process or a core is read has no meaning for " + target.text + ", a goroutine dump",
      "leave out --no-stop, --exe, --debug-dir, --runtime, --way, --max-pause and "
      "--max-memory"});
}

// The others say how long and for which reason, not on what; checks of the queues are notes.
bool shows_waits(const Delivery& delivery) {
  return delivery.format == Format::kJson || delivery.verbose;
}

Result<ExitCode> list_and_show(const GoroutinesRequest& request, Stages& stages) {
  report::GoroutineFilter filter = TRY(make_filter(request));
  if (auto dump = TRY(inspection::read_if_dump(request.target.text, request.target.name))) {
    TRY_VOID(check_options_of_dump(request));
    return show(request, inspection::picture_of_last(*dump), filter, stages);
  }
  inspection::Source source = TRY(parse_target(request.target));
  source.stages = &stages;
  if (request.no_stop && source.pid == 0)
    return fail(Usage{"--no-stop is for a running process, and " + source.name + " stands still",
                      "leave it out, or give the id of a process"});
  snapshot::Snapshot picture = TRY([&] {
    Progress progress(stages, "reading " + describe_source(source));
    return inspection::list_goroutines(
        source, {.no_stop = request.no_stop, .waits = shows_waits(request.delivery)});
  }());
  if (request.delivery.verbose) print_notes(picture);
  tell_long_pause(source, picture);
  stages.begin("show");
  return show(request, picture, filter, stages);
}

}  // namespace

const std::vector<std::string_view>& state_names() { return report::state_names(); }

ExitCode run_goroutines(const GoroutinesRequest& request) {
  return run_timed(request.delivery, request.target,
                   [&](Stages& stages) { return list_and_show(request, stages); });
}

}  // namespace goshawk::frontends::inspect
