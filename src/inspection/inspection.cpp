// The two pictures that commands ask for. A process is let go before anything is analysed: the
// picture holds all that is needed.
#include "inspection/inspection.h"

#include "analyses/goroutines/leaks.h"
#include "goruntime/capture.h"
#include "target/process.h"

namespace goshawk::inspection {
namespace {

Result<std::unique_ptr<target::Target>> open_target(const Source& source) {
  if (source.pid != 0) return target::open_process(source.pid);
  TRY(recognise_file(source.name));
  return target::open_core(source.name, source.executable);
}

Result<snapshot::Snapshot> take_picture(const Source& source, bool references) {
  std::unique_ptr<target::Target> target = TRY(open_target(source));
  goruntime::CaptureRequest request;
  request.references = references;
  auto picture = goruntime::capture(*target, request);
  if (!picture)
    if (auto reason = target->why_unreadable()) return fail(*std::move(reason));
  if (picture) picture->target.name = source.name;
  return picture;
}

}  // namespace

Result<Inspection> inspect(const Source& source) {
  Inspection inspection;
  inspection.picture = TRY(take_picture(source, true));
  inspection.verdict = analyses::goroutines::find_leaks(inspection.picture);
  return inspection;
}

Result<snapshot::Snapshot> list_goroutines(const Source& source) {
  return take_picture(source, false);
}

}  // namespace goshawk::inspection
