// The two pictures that commands ask for. The process is let go before anything is analysed: the
// picture holds all that is needed.
#include "inspection/inspection.h"

#include "analyses/goroutines/leaks.h"
#include "goruntime/capture.h"
#include "target/process.h"

namespace goshawk::inspection {
namespace {

Result<snapshot::Snapshot> take_picture(std::int64_t pid, bool references) {
  std::unique_ptr<target::Target> process = TRY(target::open_process(pid));
  goruntime::CaptureRequest request;
  request.references = references;
  auto picture = goruntime::capture(*process, request);
  if (!picture)
    if (auto gone = process->why_gone()) return fail(*std::move(gone));
  return picture;
}

}  // namespace

Result<Inspection> inspect(std::int64_t pid) {
  Inspection inspection;
  inspection.picture = TRY(take_picture(pid, true));
  inspection.verdict = analyses::goroutines::find_leaks(inspection.picture);
  return inspection;
}

Result<snapshot::Snapshot> list_goroutines(std::int64_t pid) { return take_picture(pid, false); }

}  // namespace goshawk::inspection
