// Who holds the heap, in words that another picture of the program has too.
#pragma once

#include <vector>

#include "analyses/heap/holders.h"
#include "findings/inventory.h"

namespace goshawk::analyses::heap {

// All holders, however little they retain. `globals`: HolderTree(snapshot, HolderChoice::kGlobals).
// Paths are told by `describer` of those that retain at least a four-hundredth of the live heap;
// nullptr: not at all.
std::vector<findings::HeldKind> list_held_kinds(const snapshot::Snapshot& snapshot,
                                                HolderTree globals,
                                                snapshot::PathDescriber* describer);

}  // namespace goshawk::analyses::heap
