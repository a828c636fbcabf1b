// Each node keeps the fewest steps in which it was reached, and is passed on again when there are
// fewer: at most once for each number of steps. A goroutine begins anew with none.
#include "analyses/goroutines/at_hand.h"

#include <algorithm>

namespace goshawk::analyses::goroutines {

using graph::Edge;
using graph::Node;

AtHand::AtHand(const graph::Graph& graph, std::vector<Edge> wakes)
    : graph_(graph), wakes_(std::move(wakes)), steps_(graph.node_count, 0xff) {}

void AtHand::add_from(std::span<const Node> nodes) {
  for (Node node : nodes) reach(node, 0);
  while (!work_.empty()) {
    Node node = work_.back();
    work_.pop_back();
    pass_on(node);
  }
}

void AtHand::reach(Node node, std::uint8_t steps) {
  if (node >= graph_.node_count || steps > kMostStepsAtHand || steps >= steps_[node]) return;
  steps_[node] = steps;
  work_.push_back(node);
}

void AtHand::pass_on(Node node) {
  bool is_goroutine = node >= graph_.companions_from;
  auto woken = std::ranges::equal_range(wakes_, node, {}, &Edge::from);
  for (const Edge& edge : woken) reach(edge.to, 0);
  const std::uint32_t* row = graph_.row_of(node);
  if (row == nullptr || (!is_goroutine && row[1] - row[0] > kMostReferencesPassed)) return;
  std::uint8_t steps = is_goroutine ? 0 : static_cast<std::uint8_t>(steps_[node] + 1);
  for (std::uint32_t at = row[0]; at < row[1]; ++at) reach(graph_.edges_of(node)[at], steps);
}

}  // namespace goshawk::analyses::goroutines
