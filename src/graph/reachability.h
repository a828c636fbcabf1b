// What can be reached in a graph of numbered nodes: a mark bit for each, set once.
//
// A few nodes may have extra edges beside their row (a channel to those who wait on it).
//
// Cost: every edge is looked at once, every node's row read once, about 5 ns an edge on a heap in
// allocation order; memory: two bits a node and the work stacks. Work that is about to be touched
// is prefetched through two short queues, which is worth a factor of 3 to 6 on a shuffled heap (the
// collector's own mark loop has no need for it: it visits spans). What turns out to be long is
// shared out to several processors, as the collector's workers share theirs (runtime/mgcwork.go).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace goshawk::graph {

class Reachability {
 public:
  // What `graph` shows must outlive it. `extra`: sorted, no repeats.
  explicit Reachability(const Graph& graph, std::vector<Edge> extra = {});

  // Before anything is marked: these can be reached, but lead nowhere until the walls are opened.
  void build_walls(std::span<const Node> nodes);
  // Goes on behind the walls that were reached.
  void open_walls();
  // May be called again with more roots: nothing is visited twice.
  void mark_from(std::span<const Node> roots);
  Node node_count() const { return graph_.node_count; }
  bool is_marked(Node node) const { return (state_[node / 64].marked >> (node % 64) & 1) != 0; }
  std::uint64_t marked_count() const { return marked_count_; }

 private:
  struct Word {
    std::uint64_t marked = 0;
    std::uint64_t is_special = 0;  // has extra edges, or a wall; beside the mark: one cache line
  };

  template <bool Alone>
  class Marker;
  class SharedWork;

  void drain(std::vector<Node> work);
  void drain_together(std::vector<Node> work);
  template <bool Alone>
  void take_in(const Marker<Alone>& marker);

  Graph graph_;
  std::vector<Edge> extra_;
  std::vector<Word> state_;
  std::vector<Node> walls_;  // sorted; empty once they are open
  std::vector<Node> reached_walls_;
  std::uint64_t marked_count_ = 0;
};

}  // namespace goshawk::graph
