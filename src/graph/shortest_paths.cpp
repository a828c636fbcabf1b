// Breadth first. What the nodes further on in the queue need is fetched ahead of their turn, in
// three steps, as each address is found in the one before: where a row begins, its edges, the
// parents of what they lead to.
#include "graph/shortest_paths.h"

#include <algorithm>

namespace goshawk::graph {
namespace {

constexpr std::size_t kRowAhead = 24, kEdgesAhead = 16, kParentsAhead = 8;
constexpr std::uint32_t kMostParentsAhead = 8;

}  // namespace

ShortestPaths::ShortestPaths(const Graph& graph, std::span<const Edge> extra,
                             std::span<const Node> roots)
    : graph_(graph),
      extra_(extra),
      has_extra_(graph.node_count / 64 + std::size_t{1}),
      parents_(graph.node_count, kNobody) {
  for (const Edge& edge : extra)
    if (edge.from < graph.node_count)
      has_extra_[edge.from / 64] |= std::uint64_t{1} << (edge.from % 64);
  add_roots(roots);
}

void ShortestPaths::reach(Node node, Node from) {
  if (node >= graph_.node_count || parents_[node] != kNobody) return;
  parents_[node] = from;
  queue_.push_back(node);
}

void ShortestPaths::visit(Node node) {
  if (const std::uint32_t* row = graph_.row_of(node)) {
    const Node* edges = graph_.edges_of(node);
    for (std::uint32_t at = row[0], end = row[1]; at < end; ++at) reach(edges[at], node);
  }
  if ((has_extra_[node / 64] >> (node % 64) & 1) == 0) return;
  auto edge = std::ranges::lower_bound(extra_, node, {}, &Edge::from);
  for (; edge != extra_.end() && edge->from == node; ++edge) reach(edge->to, node);
}

void ShortestPaths::prefetch_ahead() const {
  auto row_at = [&](std::size_t ahead) {
    return next_ + ahead < queue_.size() ? graph_.row_of(queue_[next_ + ahead]) : nullptr;
  };
  if (const std::uint32_t* row = row_at(kRowAhead)) __builtin_prefetch(row);
  if (const std::uint32_t* row = row_at(kEdgesAhead))
    __builtin_prefetch(graph_.edges_of(queue_[next_ + kEdgesAhead]) + row[0]);
  if (const std::uint32_t* row = row_at(kParentsAhead)) {
    const Node* edges = graph_.edges_of(queue_[next_ + kParentsAhead]);
    for (std::uint32_t at = row[0], end = std::min(row[1], row[0] + kMostParentsAhead); at < end;
         ++at)
      if (edges[at] < graph_.node_count) __builtin_prefetch(&parents_[edges[at]]);
  }
}

Node ShortestPaths::parent(Node node) {
  if (node >= graph_.node_count) return kNobody;
  while (parents_[node] == kNobody) {
    if (next_ == queue_.size() && last_roots_.empty()) break;
    if (next_ == queue_.size())
      for (Node root : std::exchange(last_roots_, {})) reach(root, root);
    if (next_ == queue_.size()) break;
    prefetch_ahead();
    visit(queue_[next_++]);
  }
  return parents_[node];
}

std::vector<Node> ShortestPaths::path_to(Node node) {
  std::vector<Node> path;
  if (parent(node) == kNobody) return path;
  for (; parents_[node] != node; node = parents_[node]) path.push_back(node);
  path.push_back(node);
  std::ranges::reverse(path);
  return path;
}

}  // namespace goshawk::graph
