// The contexts at which the walk of the proof stops: those that are there for as long as the
// program. They cancel their children at its end, which nobody waits for.
#pragma once

#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// The type of a context that a timer ends.
inline constexpr std::string_view kTimerContext = "context.timerCtx";

// The headers of the maps in which they keep those that are cancelled with them.
std::vector<graph::Node> find_lasting_children_maps(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::goroutines
