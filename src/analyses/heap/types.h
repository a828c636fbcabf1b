// The types of the live objects, added up.
#pragma once

#include "analyses/heap/holder_groups.h"
#include "findings/type_table.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The picture has references and types; `live`: mark_live_objects(snapshot).
findings::TypeTable add_up_types(const snapshot::Snapshot& snapshot,
                                 const graph::Reachability& live);

// What each type retains: of those of its objects that no other one of them dominates. Two of
// different holders that only together hold something do not count for it.
void add_retained(findings::TypeTable& table, const snapshot::Snapshot& snapshot,
                  const HolderGroups& groups);

}  // namespace goshawk::analyses::heap
