// What goroutines have at hand: objects that a few steps from their stacks lead to.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace goshawk::analyses::goroutines {

// From a word of a stack: the closure, the connection, what that has, and one more.
inline constexpr std::uint8_t kMostStepsAtHand = 4;
// An object with more references than this is a collection: having that is not having each of what
// is in it at hand.
inline constexpr std::uint32_t kMostReferencesPassed = 32;

class AtHand {
 public:
  // What `graph` shows must outlive it. `wakes`: from objects to goroutines' nodes that have what
  // their stacks hold at hand once the object is; sorted.
  AtHand(const graph::Graph& graph, std::vector<graph::Edge> wakes);

  // Goroutines (what their stacks hold is at hand) or objects that are themselves.
  void add_from(std::span<const graph::Node> nodes);
  bool contains(graph::Node node) const { return steps_[node] <= kMostStepsAtHand; }

 private:
  void reach(graph::Node node, std::uint8_t steps);
  void pass_on(graph::Node node);

  graph::Graph graph_;
  std::vector<graph::Edge> wakes_;
  std::vector<std::uint8_t> steps_;  // the fewest so far; 255: none
  std::vector<graph::Node> work_;
};

}  // namespace goshawk::analyses::goroutines
