// Breadth first: the queue is the list of reached nodes in the order of their distance.
#include "graph/shortest_paths.h"

#include <algorithm>

namespace goshawk::graph {

ShortestPaths::ShortestPaths(const Graph& graph, std::span<const Node> roots)
    : parents_(graph.node_count, kNobody) {
  std::vector<Node> queue;
  auto reach = [&](Node node, Node from) {
    if (node >= graph.node_count || parents_[node] != kNobody) return;
    parents_[node] = from;
    queue.push_back(node);
  };
  auto reach_row = [&](const Rows& rows, Node row, Node from) {
    for (std::uint32_t at = rows.begin[row]; at < rows.begin[row + 1]; ++at)
      reach(rows.edges[at], from);
  };
  for (Node root : roots) reach(root, root);
  for (std::size_t next = 0; next < queue.size(); ++next) {
    Node node = queue[next];
    if (node < graph.rows.count)
      reach_row(graph.rows, node, node);
    else if (node >= graph.companions_from && node - graph.companions_from < graph.companions.count)
      reach_row(graph.companions, node - graph.companions_from, node);
    auto extra = std::ranges::lower_bound(graph.extra, node, {}, &Edge::from);
    for (; extra != graph.extra.end() && extra->from == node; ++extra) reach(extra->to, node);
  }
}

std::vector<Node> ShortestPaths::path_to(Node node) const {
  std::vector<Node> path;
  if (node >= parents_.size() || !is_reached(node)) return path;
  for (; parents_[node] != node; node = parents_[node]) path.push_back(node);
  path.push_back(node);
  std::ranges::reverse(path);
  return path;
}

}  // namespace goshawk::graph
