// By which short path what a goroutine waits on is held.
#pragma once

#include <unordered_map>
#include <vector>

#include "analyses/goroutines/wake_graph.h"
#include "graph/shortest_paths.h"
#include "snapshot/holding_path.h"

namespace goshawk::analyses::goroutines {

class HoldingPaths {
 public:
  // Costs a breadth-first walk of the heap, as far as is asked for. Both must outlive it.
  HoldingPaths(const snapshot::Snapshot& snapshot, const WakeGraph& wakes);

  // To that of the things it waits on by which it is reached first (others may be reached over the
  // goroutine itself), from the last goroutine on the way, or from the root. Empty: nothing
  // reaches it.
  std::vector<graph::Node> nodes_to(std::size_t goroutine) const;
  // A lock in a global variable is its own root.
  snapshot::HoldingPath path_to(std::size_t goroutine) const;
  // By which root this object is reached first; null: by none.
  const snapshot::Root* root_of(graph::Node object) const;

 private:
  const snapshot::Snapshot& snapshot_;
  const WakeGraph& wakes_;
  std::unordered_map<graph::Node, const snapshot::Root*> roots_;
  mutable graph::ShortestPaths paths_;  // grows with what is asked

  graph::ShortestPaths find_paths();
};

}  // namespace goshawk::analyses::goroutines
