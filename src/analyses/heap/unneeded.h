// All that is in use and need not be, by every rule that says so.
#pragma once

#include <vector>

#include "analyses/heap/holder_paths.h"
#include "findings/heap_finding.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// Arrays and maps first, the largest of these first; then timers, finalizers, descriptors. The
// picture has references and types; `live`: mark_live_objects(snapshot).
std::vector<findings::HeapFinding> find_unneeded(const snapshot::Snapshot& snapshot,
                                                 const graph::Reachability& live,
                                                 HolderPaths& paths);

}  // namespace goshawk::analyses::heap
