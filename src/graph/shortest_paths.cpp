// Breadth first: the queue is the list of reached nodes in the order of their distance.
#include "graph/shortest_paths.h"

#include <algorithm>

namespace goshawk::graph {

ShortestPaths::ShortestPaths(const Graph& graph, std::span<const Edge> extra,
                             std::span<const Node> roots)
    : parents_(graph.node_count, kNobody) {
  std::vector<Node> queue;
  auto reach = [&](Node node, Node from) {
    if (node >= graph.node_count || parents_[node] != kNobody) return;
    parents_[node] = from;
    queue.push_back(node);
  };
  for (Node root : roots) reach(root, root);
  for (std::size_t next = 0; next < queue.size(); ++next) {
    Node node = queue[next];
    if (const std::uint32_t* row = graph.row_of(node)) {
      const Node* edges = graph.edges_of(node);
      for (std::uint32_t at = row[0]; at < row[1]; ++at) reach(edges[at], node);
    }
    auto edge = std::ranges::lower_bound(extra, node, {}, &Edge::from);
    for (; edge != extra.end() && edge->from == node; ++edge) reach(edge->to, node);
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
