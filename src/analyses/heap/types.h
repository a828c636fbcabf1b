// The types of the live objects, added up.
#pragma once

#include "findings/type_table.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The picture has references and types; `live`: mark_live_objects(snapshot).
findings::TypeTable add_up_types(const snapshot::Snapshot& snapshot,
                                 const graph::Reachability& live);

}  // namespace goshawk::analyses::heap
