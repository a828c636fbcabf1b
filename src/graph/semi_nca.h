// Immediate dominators of any graph, by the semi-NCA algorithm.
//
// Cost: near linear, but a depth-first search waits for memory at every node. 24 bytes a node at
// its peak, and 8 for each edge that is not in the search's tree; no copy of the graph.
#pragma once

#include <cstdint>

#include "base/reserved_array.h"
#include "graph/graph.h"
#include "graph/reachability.h"

namespace goshawk::graph {

// Numbers are those of a depth-first search from the root, which is 0.
struct SemiNca {
  std::uint32_t count = 0;               // of nodes reached
  ReservedArray<std::uint32_t> numbers;  // by node; 0: not reached, else number + 1
  ReservedArray<Node> nodes;             // by number
  ReservedArray<std::uint32_t> immediate;
};

// `left_out` as in Dominators.
SemiNca compute_semi_nca(const Graph& graph, Node root, const Reachability* left_out = nullptr);

}  // namespace goshawk::graph
