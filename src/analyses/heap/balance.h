// Where a process' memory is: the heap by what its objects are, the rest by whose its pages are.
#pragma once

#include "findings/balance.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The picture has references and memory; `live`: mark_live_objects(snapshot).
findings::Balance draw_up_balance(const snapshot::Snapshot& snapshot,
                                  const graph::Reachability& live);

}  // namespace goshawk::analyses::heap
