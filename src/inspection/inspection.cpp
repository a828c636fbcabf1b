// Where a picture comes from: a process, a core, a file that holds one already. A process is let go
// before anything is analysed: the picture holds all that is needed.
#include "inspection/inspection.h"

#include <chrono>

#include "analyses/goroutines/leaks.h"
#include "goruntime/capture.h"
#include "snapshot/snapshot_file.h"
#include "target/core_file.h"
#include "target/process.h"

namespace goshawk::inspection {
namespace {

std::int64_t unix_now_ns() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

Result<snapshot::Snapshot> capture(target::Target& target, bool references) {
  goruntime::CaptureRequest request;
  request.references = references;
  std::vector<snapshot::Binding> bindings;
  auto picture = goruntime::capture(target, request, bindings);
  if (!picture)
    if (auto reason = target.why_unreadable()) return fail(*std::move(reason));
  if (picture && target.goes_on()) picture->picture.taken_unix_ns = unix_now_ns();
  return picture;
}

Result<snapshot::Snapshot> capture_process(const Source& source, bool references) {
  return capture(*TRY(target::open_process(source.pid)), references);
}

Result<snapshot::Snapshot> read_file(const Source& source, bool references) {
  if (TRY(recognise_file(source.name)) == FileKind::kCore)
    return capture(*TRY(target::open_core(source.name, source.executable)), references);
  if (!source.executable.executable.empty())
    return fail(Usage{"--exe is for cores", "a snapshot holds all that it needs"});
  auto picture = snapshot::load(source.name);
  if (picture) picture->target.kind = "snapshot";
  return picture;
}

Result<snapshot::Snapshot> get_picture(const Source& source, bool references) {
  snapshot::Snapshot picture =
      TRY(source.pid != 0 ? capture_process(source, references) : read_file(source, references));
  picture.target.name = source.name;
  return picture;
}

}  // namespace

Result<Inspection> inspect(const Source& source) {
  Inspection inspection;
  inspection.picture = TRY(get_picture(source, true));
  inspection.verdict = analyses::goroutines::find_leaks(inspection.picture);
  return inspection;
}

Result<snapshot::Snapshot> list_goroutines(const Source& source) {
  return get_picture(source, false);
}

Result<snapshot::Snapshot> take_picture(const Source& source) { return get_picture(source, true); }

}  // namespace goshawk::inspection
