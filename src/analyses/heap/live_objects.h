// Which objects the collector would keep: what its roots and all goroutines reach, leaked ones too,
// for it frees none of these.
#pragma once

#include "findings/inventory.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// Whether the collector starts from it too.
bool keeps_alive(const snapshot::Root& root);

// Of the heap's objects and nothing else; refers to the picture.
graph::Reachability mark_live_objects(const snapshot::Snapshot& snapshot);
findings::Amount add_up_live_objects(const snapshot::Snapshot& snapshot,
                                     const graph::Reachability& live);

}  // namespace goshawk::analyses::heap
