// Memory of live objects that nobody uses: arrays of which a slice or a string keeps a small part
// (heap/pinned-array), maps whose tables are far larger than their entries need
// (heap/oversized-map).
#pragma once

#include <vector>

#include "analyses/heap/holder_paths.h"
#include "findings/heap_finding.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The largest first. Needs the picture's fill; `live`: mark_live_objects(snapshot).
std::vector<findings::HeapFinding> find_waste(const snapshot::Snapshot& snapshot,
                                              const graph::Reachability& live, HolderPaths& paths);

}  // namespace goshawk::analyses::heap
