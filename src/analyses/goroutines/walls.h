// Where the walk of the proof stops first: at what keeps things and never wakes anybody.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Which timers that were stopped or have fired count as idle for good: those that no code of the
// program could set again, or all of them, to see who waits for such code.
enum class IdleTimers : std::uint8_t { kAsTheCodeSays, kNeverSetAgain };

// The maps of lasting contexts' children, HTTP clients' tables of requests, and timers that are
// idle for good. Sorted, no repeats.
std::vector<graph::Node> find_walls(const snapshot::Snapshot& snapshot, IdleTimers timers);

}  // namespace goshawk::analyses::goroutines
