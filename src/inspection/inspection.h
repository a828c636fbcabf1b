// What every way in does: open the target, take the picture, judge it.
#pragma once

#include "base/result.h"
#include "findings/finding.h"
#include "inspection/source.h"
#include "snapshot/snapshot.h"

namespace goshawk::inspection {

struct Inspection {
  snapshot::Snapshot picture;
  findings::Verdict verdict;
};

// Everything that a proof needs: goroutines, heap, roots.
Result<Inspection> inspect(const Source& source);

// Only the goroutines: a shorter stop, no heap.
Result<snapshot::Snapshot> list_goroutines(const Source& source);

// The whole picture, not judged.
Result<snapshot::Snapshot> take_picture(const Source& source);

}  // namespace goshawk::inspection
