// All that is in use and need not be, by every rule that says so, and what is held in ways of Go's
// own.
#pragma once

#include <vector>

#include "analyses/heap/holder_paths.h"
#include "findings/heap_finding.h"
#include "findings/heap_lines.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

struct Unneeded {
  // Arrays and maps first, the largest of these first; then channels, timers, finalizers,
  // descriptors.
  std::vector<findings::HeapFinding> findings;
  findings::HeapLines lines;
};

// The picture has references and types; `live`: mark_live_objects(snapshot).
Unneeded find_unneeded(const snapshot::Snapshot& snapshot, const graph::Reachability& live,
                       HolderPaths& paths);

}  // namespace goshawk::analyses::heap
