// Who holds what: d dominates n when every path from the root to n runs through d, so that n goes
// when d goes. The immediate dominator of n is the last such d before n; they make a tree, and what
// a node retains is the sum over its subtree.
//
// Nodes that the root reaches get new numbers, in the order of a search: the root 0, a dominator
// always a smaller number than what it dominates. Results are arrays by these numbers.
//
// Cost: near linear. 24 bytes a node at its peak, and 8 for each edge that is not in the search's
// tree; where most of the graph hangs together like a tree, as heaps do, little more time than a
// search takes, and 20 bytes. After it, 12 bytes a node. Without a way from nodes to their numbers,
// 4 bytes less of each but the first.
#pragma once

#include <cassert>
#include <cstdint>

#include "base/reserved_array.h"
#include "graph/graph.h"
#include "graph/reachability.h"

namespace goshawk::graph {

class Dominators {
 public:
  static constexpr std::uint32_t kUnreached = 0xffffffff;

  // Whether number_of is going to be asked.
  enum class Lookup : std::uint8_t { kByNode, kNone };

  // Nothing of `graph` is needed afterwards. Nodes that `left_out`, of a graph as large, has marked
  // are as if they were not there; the root must not be one.
  Dominators(const Graph& graph, Node root, const Reachability* left_out = nullptr,
             Lookup lookup = Lookup::kByNode);

  std::uint32_t count() const { return count_; }  // of nodes reached, the root being one
  Node node(std::uint32_t number) const { return nodes_[number]; }
  std::uint32_t number_of(Node node) const {  // or kUnreached
    assert(numbers_.capacity() > 0);
    return numbers_[node] - 1;
  }
  // The root's is itself.
  std::uint32_t immediate(std::uint32_t number) const { return immediate_[number]; }

  // bytes[number]: a node's own; then what it retains.
  void add_up(ReservedArray<std::uint64_t>& bytes) const;

 private:
  std::uint32_t count_ = 0;
  ReservedArray<std::uint32_t> numbers_;  // by node; 0: not reached, else number + 1
  ReservedArray<Node> nodes_;
  ReservedArray<std::uint32_t> immediate_;
};

}  // namespace goshawk::graph
