// What a program allocated, by the stacks that it came by.
#pragma once

#include "findings/inventory.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The picture's allocations are known. Stacks of the same functions and lines are one, whatever
// sizes were allocated there.
findings::Allocated list_allocated_kinds(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::heap
