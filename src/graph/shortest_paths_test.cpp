// Distances against relaxation by brute force; every step of a path is an edge.
#include "graph/shortest_paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

namespace goshawk::graph {
namespace {

struct Drawn {
  std::vector<std::uint32_t> begin{0}, companion_begin{0};
  std::vector<Node> edges, companion_edges;
  std::vector<std::vector<Node>> successors;
  std::vector<Edge> extra;
  Graph graph;
};

Drawn draw(std::mt19937& random, Node rows, Node companions) {
  Drawn drawn;
  Node count = rows + companions;
  drawn.successors.resize(count);
  for (Node from = 0; from < count; ++from) {
    bool is_companion = from >= rows;
    std::vector<Node>& edges = is_companion ? drawn.companion_edges : drawn.edges;
    for (std::uint64_t k = random() % 3; k > 0; --k) {
      edges.push_back(static_cast<Node>(random() % count));
      drawn.successors[from].push_back(edges.back());
    }
    (is_companion ? drawn.companion_begin : drawn.begin)
        .push_back(static_cast<std::uint32_t>(edges.size()));
  }
  std::set<Edge> extra;
  for (Node k = 0; k < count / 8; ++k)
    extra.insert({static_cast<Node>(random() % count), static_cast<Node>(random() % count)});
  for (const Edge& edge : extra) drawn.successors[edge.from].push_back(edge.to);
  drawn.graph = {
      .node_count = count,
      .rows = {drawn.begin.data(), drawn.edges.data(), rows},
      .companions = {drawn.companion_begin.data(), drawn.companion_edges.data(), companions},
      .companions_from = rows};
  drawn.extra.assign(extra.begin(), extra.end());
  return drawn;
}

// In rounds, until nothing gets nearer.
std::vector<std::size_t> distances(const Drawn& drawn, const std::vector<Node>& roots) {
  constexpr std::size_t kFar = 1'000'000;
  std::vector<std::size_t> distance(drawn.successors.size(), kFar);
  for (Node root : roots) distance[root] = 1;
  for (bool changed = true; changed;) {
    changed = false;
    for (Node from = 0; from < distance.size(); ++from)
      for (Node to : drawn.successors[from])
        if (distance[from] != kFar && distance[from] + 1 < distance[to]) {
          distance[to] = distance[from] + 1;
          changed = true;
        }
  }
  for (std::size_t& one : distance) one = one == kFar ? 0 : one;
  return distance;
}

bool is_edge(const Drawn& drawn, Node from, Node to) {
  return std::ranges::find(drawn.successors[from], to) != drawn.successors[from].end();
}

TEST(ShortestPaths, AsFewNodesAsByBruteForceAndEveryStepAnEdge) {
  std::mt19937 random(1);
  std::size_t far_ones = 0, unreached = 0;
  for (int round = 0; round < 200; ++round) {
    Drawn drawn = draw(random, 100, 20);
    std::vector<Node> roots{static_cast<Node>(random() % 120), static_cast<Node>(random() % 120)};
    ShortestPaths paths(drawn.graph, drawn.extra, roots);
    std::vector<std::size_t> expected = distances(drawn, roots);
    std::vector<Node> asked(drawn.graph.node_count);
    std::iota(asked.begin(), asked.end(), Node{0});
    std::ranges::shuffle(asked, random);  // the tree grows by what is asked for
    for (Node node : asked) {
      std::vector<Node> path = paths.path_to(node);
      ASSERT_EQ(path.size(), expected[node]);
      ASSERT_EQ(paths.parent(node) != ShortestPaths::kNobody, !path.empty());
      if (path.empty()) {
        ++unreached;
        continue;
      }
      ASSERT_TRUE(std::ranges::find(roots, path.front()) != roots.end() && path.back() == node);
      for (std::size_t k = 1; k < path.size(); ++k)
        ASSERT_TRUE(is_edge(drawn, path[k - 1], path[k]));
      far_ones += path.size() > 4;
    }
  }
  EXPECT_GT(far_ones, 100u);
  EXPECT_EQ(ShortestPaths({}, {}, {}).parent(7), ShortestPaths::kNobody);
  EXPECT_GT(unreached, 100u);
}

// 0 leads to 2 at once; 1 through 3, and to 4.
TEST(ShortestPaths, BeginsAtALastRootOnlyWhereNoOtherLeads) {
  std::vector<std::uint32_t> begin{0, 1, 3, 3, 4, 4};
  std::vector<Node> edges{2, 3, 4, 2};
  Graph graph{.node_count = 5,
              .rows = {begin.data(), edges.data(), 5},
              .companions = {},
              .companions_from = 0};
  ShortestPaths paths(graph, {}, std::vector<Node>{1});
  paths.add_last_roots({0});
  EXPECT_EQ(paths.path_to(2), (std::vector<Node>{1, 3, 2}));
  EXPECT_EQ(paths.path_to(4), (std::vector<Node>{1, 4}));
  EXPECT_EQ(paths.path_to(0), (std::vector<Node>{0}));
}

}  // namespace
}  // namespace goshawk::graph
