// How a node is reached by the fewest edges: a breadth-first tree over a graph of numbered nodes.
//
// Cost: every edge once; memory: 8 bytes a node (its parent in the tree, its place in the queue).
#pragma once

#include <span>
#include <vector>

#include "graph/graph.h"

namespace goshawk::graph {

class ShortestPaths {
 public:
  static constexpr Node kNobody = 0xffffffff;

  // From the nearest of `roots`; among equals from the one that comes first, along the row's order.
  // `extra`: edges beside the graph's rows, sorted. Nothing of both is needed afterwards.
  ShortestPaths(const Graph& graph, std::span<const Edge> extra, std::span<const Node> roots);

  bool is_reached(Node node) const { return parents_[node] != kNobody; }
  // The node that leads to this one; a root is its own.
  Node parent(Node node) const { return parents_[node]; }
  // From its root to the node itself; empty when it is not reached.
  std::vector<Node> path_to(Node node) const;

 private:
  std::vector<Node> parents_;
};

}  // namespace goshawk::graph
