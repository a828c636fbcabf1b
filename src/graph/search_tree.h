// A breadth-first tree of what a root reaches, with the edges that are not in it. Nodes are
// numbered as they are met: the root 0, a parent before its children, a node's children side by
// side, so that whatever goes up or down the whole tree reads its arrays in order.
#pragma once

#include <cstdint>
#include <vector>

#include "base/reserved_array.h"
#include "graph/graph.h"
#include "graph/reachability.h"

namespace goshawk::graph {

// Appended to and gone through; grows without being moved.
class EdgeList {
 public:
  void add(Edge edge) {
    if (size_ % kChunkEdges == 0) chunks_.emplace_back(kChunkEdges);
    chunks_.back()[size_++ % kChunkEdges] = edge;
  }
  std::uint64_t size() const { return size_; }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::uint64_t i = 0; i < size_; ++i) visit(chunks_[i / kChunkEdges][i % kChunkEdges]);
  }

 private:
  static constexpr std::uint64_t kChunkEdges = 1 << 18;
  std::vector<ReservedArray<Edge>> chunks_;
  std::uint64_t size_ = 0;
};

struct SearchTree {
  std::uint32_t count = 0;
  ReservedArray<std::uint32_t> numbers;  // by node; 0: not reached, else number + 1
  ReservedArray<Node> nodes;             // by number, as all that follows
  ReservedArray<std::uint32_t> parents;
  std::vector<std::uint64_t> leads_back;  // a bit for each that has an edge to its parent
  // All others, but for those to the root and to a node's own children.
  EdgeList others;
  // So many nodes have an edge of these leading to them that the tree says little about the graph:
  // it was left when an eighth of the nodes had been looked at.
  bool given_up = false;
};

SearchTree grow_search_tree(const Graph& graph, Node root, const Reachability* left_out);

}  // namespace goshawk::graph
