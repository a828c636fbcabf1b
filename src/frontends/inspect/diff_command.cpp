// What became of a program between two pictures. Both arguments are checked before anything is
// read, for the first one may take a while. Options that are for one kind of target (--exe for
// cores) go to those of the two that are of that kind.
#include "frontends/inspect/diff_command.h"

#include <utility>

#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/timings.h"
#include "inspection/comparison.h"
#include "report/difference_json.h"
#include "report/difference_text.h"

namespace goshawk::frontends::inspect {
namespace {

enum class Kind { kProcess, kCore, kSnapshot };

Result<Kind> kind_of(const std::string& text) {
  inspection::Source source = TRY(parse_target({.text = text}));
  if (source.pid != 0) return Kind::kProcess;
  inspection::FileKind file = TRY(inspection::recognise_file(source.name));
  return file == inspection::FileKind::kCore ? Kind::kCore : Kind::kSnapshot;
}

TargetArgument argument_of(const DiffRequest& request, const std::string& text, Kind kind) {
  TargetArgument argument = request.before;
  argument.text = text;
  if (kind != Kind::kCore) argument.executable.clear();
  if (kind != Kind::kProcess) argument.max_pause.clear();
  if (kind == Kind::kSnapshot) {
    argument.debug_directory.clear();
    argument.runtime.clear();
  }
  return argument;
}

Result<void> check_options(const DiffRequest& request, Kind before, Kind after) {
  if (!request.before.executable.empty() && before != Kind::kCore && after != Kind::kCore)
    return fail(Usage{"--exe is for cores, and none of the two is one",
                      "a process brings its executable, a snapshot needs none"});
  if (!request.before.max_pause.empty() && before != Kind::kProcess && after != Kind::kProcess)
    return fail(Usage{"--max-pause is for processes, and none of the two is one",
                      "a file does not run: nothing stops"});
  bool is_for_targets = !request.before.debug_directory.empty() || !request.before.runtime.empty();
  if (is_for_targets && before == Kind::kSnapshot && after == Kind::kSnapshot)
    return fail(Usage{"--debug-dir and --runtime are not for snapshots",
                      "a snapshot holds all that it needs, of one runtime"});
  return {};
}

Result<inspection::Surveyed> read(const DiffRequest& request, const inspection::Source& source) {
  inspection::Surveyed surveyed = TRY([&] {
    Progress progress(*source.stages, "reading " + describe_source(source));
    return inspection::survey(source);
  }());
  if (request.delivery.verbose) print_notes(surveyed.facts);
  tell_long_pause(source, surveyed.facts);
  return surveyed;
}

Result<ExitCode> compare_and_show(const DiffRequest& request, Stages& stages) {
  Kind before_kind = TRY(kind_of(request.before.text));
  Kind after_kind = TRY(kind_of(request.after));
  TRY_VOID(check_options(request, before_kind, after_kind));
  inspection::Source before =
      TRY(parse_target(argument_of(request, request.before.text, before_kind)));
  inspection::Source after = TRY(parse_target(argument_of(request, request.after, after_kind)));
  before.stages = after.stages = &stages;
  inspection::Surveyed first = TRY(read(request, before));
  inspection::Surveyed second = TRY(read(request, after));
  stages.begin("compare");
  inspection::Comparison found = inspection::compare(std::move(first), std::move(second));
  stages.begin("show");
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    if (request.delivery.format == Format::kJson)
      return report::render_difference_json(destination.output(), found.before, found.after,
                                            found.difference, request.all,
                                            timings_for(request.delivery, stages));
    report::render_difference_text(destination.output(), found.before, found.after,
                                   found.difference, destination.text_style(request.all));
  });
}

}  // namespace

ExitCode run_diff(const DiffRequest& request) {
  return run_timed(request.delivery, request.before,
                   [&](Stages& stages) { return compare_and_show(request, stages); });
}

}  // namespace goshawk::frontends::inspect
