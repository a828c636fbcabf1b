// Channels with large buffers: of which little is used (heap/channel-room), or in which much is
// queued (heap/channel-backlog).
#pragma once

#include <vector>

#include "analyses/heap/holder_paths.h"
#include "findings/heap_finding.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The largest first. Needs the picture's fill; `live`: mark_live_objects(snapshot).
std::vector<findings::HeapFinding> find_channels(const snapshot::Snapshot& snapshot,
                                                 const graph::Reachability& live,
                                                 HolderPaths& paths);

}  // namespace goshawk::analyses::heap
