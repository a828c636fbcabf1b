// What every way in does: open the target, take the picture, judge it.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::inspection {

struct Inspection {
  snapshot::Snapshot picture;
  findings::Verdict verdict;
};

// Everything that a proof needs: goroutines, heap, roots.
Result<Inspection> inspect(std::int64_t pid);

// Only the goroutines: a shorter stop, no heap.
Result<snapshot::Snapshot> list_goroutines(std::int64_t pid);

}  // namespace goshawk::inspection
