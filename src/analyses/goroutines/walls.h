// Where the walk of the proof stops first: at what keeps things and never wakes anybody.
#pragma once

#include <vector>

#include "graph/graph.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// The maps of lasting contexts' children, and timers that are idle for good. Sorted, no repeats.
std::vector<graph::Node> find_walls(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::goroutines
