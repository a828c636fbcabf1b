// Who holds the live heap, and who of them is suspected to hold more than it should.
#pragma once

#include "findings/heap_holders.h"
#include "snapshot/holding_path.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The picture has references. Paths are told by `describer`; nullptr: not at all.
findings::HeapHolders find_holders(const snapshot::Snapshot& snapshot,
                                   snapshot::PathDescriber* describer);

}  // namespace goshawk::analyses::heap
