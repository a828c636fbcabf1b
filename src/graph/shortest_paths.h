// How a node is reached by the fewest edges: a breadth-first tree over a graph of numbered nodes,
// grown as far as is asked for: of a large graph in which what is asked for is near its roots,
// little is looked at.
//
// Cost: at most every edge once; memory: 8 bytes a node (its parent in the tree, its place in the
// queue).
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace goshawk::graph {

class ShortestPaths {
 public:
  static constexpr Node kNobody = 0xffffffff;

  // From the nearest of `roots`; among equals from the one that comes first, along the row's order.
  // `extra`: edges beside the graph's rows, sorted. It and what the graph points to must outlive
  // it.
  ShortestPaths(const Graph& graph, std::span<const Edge> extra, std::span<const Node> roots);
  void add_roots(std::span<const Node> roots) {
    for (Node root : roots) reach(root, root);
  }
  // Roots too, of what is reached from nowhere else.
  void add_last_roots(std::vector<Node> roots) { last_roots_ = std::move(roots); }

  // The node that leads to this one; a root is its own; kNobody: it is not reached.
  Node parent(Node node);
  // From its root to the node itself; empty when it is not reached.
  std::vector<Node> path_to(Node node);

 private:
  void reach(Node node, Node from);
  void visit(Node node);
  void prefetch_ahead() const;

  Graph graph_;
  std::span<const Edge> extra_;
  std::vector<std::uint64_t> has_extra_;  // a bit for each node
  std::vector<Node> last_roots_;
  std::vector<Node> parents_;
  std::vector<Node> queue_;  // the reached nodes in the order of their distance
  std::size_t next_ = 0;     // from here on their edges were not followed yet
};

}  // namespace goshawk::graph
