// What the program's sync.Pools hold.
#pragma once

#include <vector>

#include "findings/heap_lines.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The largest first; those in one place and of one New together. Needs the picture's fill; `live`:
// mark_live_objects(snapshot).
std::vector<findings::PoolLine> list_pools(const snapshot::Snapshot& snapshot,
                                           const graph::Reachability& live);

}  // namespace goshawk::analyses::heap
