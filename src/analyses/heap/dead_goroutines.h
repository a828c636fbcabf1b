// Descriptors of goroutines that have ended, kept for the next ones after a spike
// (heap/dead-goroutines).
#pragma once

#include <optional>

#include "findings/heap_finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

std::optional<findings::HeapFinding> find_dead_goroutines(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::heap
