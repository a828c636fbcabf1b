// Objects that weak pointers lead to, and the maps of package unique, which consist of such.
#pragma once

#include <vector>

#include "findings/heap_lines.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

struct WeakPointers {
  std::vector<findings::UniqueLine> unique;  // those that hold most first
  std::vector<findings::WeakLine> others;    // the largest first
};

// The picture has references and types; `live`: mark_live_objects(snapshot).
WeakPointers list_weak_pointers(const snapshot::Snapshot& snapshot,
                                const graph::Reachability& live);

}  // namespace goshawk::analyses::heap
