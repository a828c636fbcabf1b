// Where a process allocated its memory, by its runtime's own records: for people, as JSON, or as
// the profile that its endpoint would write if it had one. Nothing stands still for it.
#include "frontends/inspect/allocations_command.h"

#include <chrono>

#include "frontends/inspect/notes.h"
#include "frontends/inspect/progress.h"
#include "frontends/inspect/timings.h"
#include "inspection/inspection.h"
#include "pprof/encoder.h"
#include "report/allocation_profile.h"
#include "report/allocations_json.h"
#include "report/allocations_text.h"

namespace goshawk::frontends::inspect {
namespace {

Result<std::string> encode_profile(const snapshot::Snapshot& picture) {
  std::int64_t time_ns = picture.picture.taken_unix_ns;
  if (time_ns == 0) {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    time_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  }
  return pprof::encode_gzipped(report::make_allocation_profile(picture, time_ns));
}

Result<ExitCode> inspect_and_show(const AllocationsRequest& request, Stages& stages) {
  inspection::Source source = TRY(parse_target(request.target));
  source.stages = &stages;
  snapshot::Snapshot picture = TRY([&] {
    Progress progress(stages, "reading " + describe_source(source));
    return inspection::list_allocations(source);
  }());
  if (request.delivery.verbose) print_notes(picture);
  stages.begin("show");
  std::string profile;
  if (request.delivery.format == Format::kPprof) profile = TRY(encode_profile(picture));
  return deliver(request.delivery, ExitCode::kFine, [&](Destination& destination) {
    switch (request.delivery.format) {
      case Format::kText:
        return report::render_allocations_text(destination.output(), picture,
                                               destination.text_style(request.all));
      case Format::kJson:
        return report::render_allocations_json(destination.output(), picture,
                                               timings_for(request.delivery, stages));
      case Format::kPprof:
        return destination.output().write(profile);
      default:
        return;  // not offered
    }
  });
}

}  // namespace

ExitCode run_allocations(const AllocationsRequest& request) {
  return run_timed(request.delivery, request.target,
                   [&](Stages& stages) { return inspect_and_show(request, stages); });
}

}  // namespace goshawk::frontends::inspect
