// Marking with prefetched work. A node passes three places: the stack `work_` (unfiltered), the
// queue `coming` (its mark word and row offset are on their way into the cache), the queue `ready`
// (newly marked; its row of edges is on its way). First in, first out, so that each waits long
// enough.
#include "graph/reachability.h"

#include <algorithm>
#include <array>
#include <utility>

namespace goshawk::graph {
namespace {

constexpr std::size_t kQueueLength = 32;

// A ring that yields what was put in kQueueLength puts ago.
class DelayQueue {
 public:
  bool full() const { return size_ == kQueueLength; }
  bool empty() const { return size_ == 0; }
  void put(Node node) { ring_[(first_ + size_++) % kQueueLength] = node; }
  Node take() {
    Node node = ring_[first_];
    first_ = (first_ + 1) % kQueueLength;
    --size_;
    return node;
  }

 private:
  std::array<Node, kQueueLength> ring_{};
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace

Reachability::Reachability(const Graph& graph, std::vector<Edge> extra)
    : graph_(graph), extra_(std::move(extra)), state_(graph.node_count / 64 + std::size_t{1}) {
  for (const Edge& edge : extra_)
    if (edge.from < graph_.node_count)
      state_[edge.from / 64].is_special |= std::uint64_t{1} << (edge.from % 64);
}

void Reachability::build_walls(std::span<const Node> nodes) {
  for (Node node : nodes)
    if (node < graph_.node_count) walls_.push_back(node);
  std::ranges::sort(walls_);
  for (Node node : walls_) state_[node / 64].is_special |= std::uint64_t{1} << (node % 64);
}

void Reachability::open_walls() {
  walls_.clear();
  for (Node node : reached_walls_) push_edges(node);
  reached_walls_.clear();
  drain();
}

void Reachability::mark_from(std::span<const Node> roots) {
  for (Node root : roots)
    if (root < graph_.node_count) work_.push_back(root);
  drain();
}

bool Reachability::set_mark(Node node) {
  std::uint64_t bit = std::uint64_t{1} << (node % 64);
  Word& word = state_[node / 64];
  if ((word.marked & bit) != 0) return false;
  word.marked |= bit;
  ++marked_count_;
  return true;
}

void Reachability::push_edges(Node node) {
  bool is_special = (state_[node / 64].is_special >> (node % 64) & 1) != 0;
  if (is_special && stop_at_wall(node)) return;
  push_row(node);
  if (is_special) push_extra(node);
}

bool Reachability::stop_at_wall(Node node) {
  if (!std::ranges::binary_search(walls_, node)) return false;
  reached_walls_.push_back(node);
  return true;
}

void Reachability::push_row(Node node) {
  const std::uint32_t* row = graph_.row_of(node);
  if (row == nullptr) return;
  const Node* edges = graph_.edges_of(node);
  for (std::uint32_t at = row[0], end = row[1]; at < end; ++at)
    if (edges[at] < graph_.node_count) work_.push_back(edges[at]);
}

void Reachability::push_extra(Node node) {
  auto first = std::ranges::lower_bound(extra_, node, {}, &Edge::from);
  for (; first != extra_.end() && first->from == node; ++first)
    if (first->to < graph_.node_count) work_.push_back(first->to);
}

void Reachability::drain() {
  DelayQueue coming;
  DelayQueue ready;
  while (!work_.empty() || !coming.empty() || !ready.empty()) {
    if (!work_.empty() && !coming.full()) {
      Node node = work_.back();
      work_.pop_back();
      __builtin_prefetch(&state_[node / 64]);
      if (const std::uint32_t* row = graph_.row_of(node)) __builtin_prefetch(row);
      coming.put(node);
      if (!coming.full()) continue;
    }
    if (!coming.empty() && !ready.full()) {
      Node node = coming.take();
      if (!set_mark(node)) continue;
      if (const std::uint32_t* row = graph_.row_of(node))
        __builtin_prefetch(graph_.edges_of(node) + *row);
      ready.put(node);
      if (!ready.full() && !work_.empty()) continue;
    }
    if (!ready.empty()) push_edges(ready.take());
  }
}

}  // namespace goshawk::graph
