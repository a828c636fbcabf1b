// Finalizers and cleanups that are due and do not run, so that what they are for stays
// (heap/finalizer).
#pragma once

#include <optional>

#include "findings/heap_finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// Nothing where they run, or few are due. The picture has references.
std::optional<findings::HeapFinding> find_finalizers(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::heap
