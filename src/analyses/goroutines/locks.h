// Which locks leaked goroutines wait for, who probably holds them, and the rings that these make.
#pragma once

#include <span>
#include <vector>

#include "analyses/goroutines/cost.h"
#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Fills locks and ring of each finding and adds sentences to its evidence. members[i]: of
// findings[i].
void tell_locks(const snapshot::Snapshot& snapshot,
                const std::vector<std::vector<GoroutineIndex>>& members,
                std::span<findings::Finding> findings);

}  // namespace goshawk::analyses::goroutines
