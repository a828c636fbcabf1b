// Marking against a plain search on random graphs, and the three kinds of edges apart.
#include "graph/reachability.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/in_parallel.h"

namespace goshawk::graph {
namespace {

struct Owned {
  std::vector<std::uint32_t> begin, companion_begin;
  std::vector<Node> edges, companion_edges;
  Graph graph;
  std::vector<Edge> extra;
};

std::vector<std::set<Node>> successors(const Owned& owned) {
  const Graph& graph = owned.graph;
  std::vector<std::set<Node>> result(graph.node_count);
  auto add = [&](const Rows& rows, Node from) {
    for (Node k = 0; k < rows.count; ++k)
      for (std::uint32_t at = rows.begin[k]; at < rows.begin[k + 1]; ++at)
        result[from + k].insert(rows.edges[at]);
  };
  add(graph.rows, 0);
  add(graph.companions, graph.companions_from);
  for (const Edge& edge : owned.extra) result[edge.from].insert(edge.to);
  return result;
}

std::set<Node> search(const Owned& owned, const std::vector<Node>& roots) {
  auto next = successors(owned);
  std::set<Node> seen;
  std::vector<Node> work(roots);
  while (!work.empty()) {
    Node node = work.back();
    work.pop_back();
    if (node >= owned.graph.node_count || !seen.insert(node).second) continue;
    work.insert(work.end(), next[node].begin(), next[node].end());
  }
  return seen;
}

Owned make_random(std::mt19937& random, Node rows, Node leaves, Node companions, double degree) {
  Owned owned;
  Node count = rows + leaves + companions;
  auto fill = [&](Node n, std::vector<std::uint32_t>& begin, std::vector<Node>& edges) {
    std::poisson_distribution<int> how_many(degree);
    std::uniform_int_distribution<Node> target(0, count - 1);
    begin.push_back(0);
    for (Node k = 0; k < n; ++k) {
      for (int i = how_many(random); i > 0; --i) edges.push_back(target(random));
      begin.push_back(static_cast<std::uint32_t>(edges.size()));
    }
  };
  fill(rows, owned.begin, owned.edges);
  fill(companions, owned.companion_begin, owned.companion_edges);
  std::set<Edge> extra;
  std::uniform_int_distribution<Node> any(0, count - 1);
  for (Node i = 0; i < count / 10; ++i) extra.insert({any(random), any(random)});
  owned.graph = {
      .node_count = count,
      .rows = {owned.begin.data(), owned.edges.data(), rows},
      .companions = {owned.companion_begin.data(), owned.companion_edges.data(), companions},
      .companions_from = rows + leaves};
  owned.extra.assign(extra.begin(), extra.end());
  return owned;
}

TEST(Reachability, EqualsAPlainSearchOnRandomGraphs) {
  std::mt19937 random(1);
  std::size_t partly = 0;
  for (int round = 0; round < 300; ++round) {
    Owned owned =
        make_random(random, 1 + static_cast<Node>(random() % 200), static_cast<Node>(random() % 50),
                    static_cast<Node>(random() % 50), 0.2 + (round % 20) * 0.1);
    std::vector<Node> roots{static_cast<Node>(random() % owned.graph.node_count)};
    Reachability marked(owned.graph, owned.extra);
    marked.mark_from(roots);
    std::set<Node> expected = search(owned, roots);
    for (Node node = 0; node < owned.graph.node_count; ++node)
      ASSERT_EQ(marked.is_marked(node), expected.contains(node))
          << "round " << round << " node " << node;
    ASSERT_EQ(marked.marked_count(), expected.size());
    if (expected.size() > 1 && expected.size() < owned.graph.node_count) ++partly;
  }
  EXPECT_GT(partly, 100u);  // the graphs were worth searching
}

TEST(Reachability, MoreRootsContinueWhereItStopped) {
  std::mt19937 random(2);
  Owned owned = make_random(random, 500, 20, 20, 0.9);
  Reachability marked(owned.graph, owned.extra);
  marked.mark_from(std::vector<Node>{3});
  std::uint64_t first = marked.marked_count();
  marked.mark_from(std::vector<Node>{4, 5, 6});
  EXPECT_EQ(marked.marked_count(), search(owned, {3, 4, 5, 6}).size());
  EXPECT_GE(marked.marked_count(), first);
}

std::set<Node> search_with_walls(const Owned& owned, const std::vector<Node>& roots,
                                 const std::set<Node>& walls) {
  auto next = successors(owned);
  std::set<Node> seen;
  std::vector<Node> work(roots);
  while (!work.empty()) {
    Node node = work.back();
    work.pop_back();
    if (!seen.insert(node).second || walls.contains(node)) continue;
    work.insert(work.end(), next[node].begin(), next[node].end());
  }
  return seen;
}

TEST(Reachability, WallsAreReachedAndLeadNowhereUntilTheyAreOpened) {
  std::mt19937 random(3);
  std::size_t held_back = 0;
  for (int round = 0; round < 200; ++round) {
    Owned owned = make_random(random, 150, 10, 20, 1.2);
    Node count = owned.graph.node_count;
    std::vector<Node> roots{static_cast<Node>(random() % count)};
    std::set<Node> walls;
    for (int i = 0; i < 12; ++i) walls.insert(static_cast<Node>(random() % count));
    Reachability marked(owned.graph, owned.extra);
    marked.build_walls(std::vector<Node>(walls.begin(), walls.end()));
    marked.mark_from(roots);
    std::set<Node> before = search_with_walls(owned, roots, walls);
    for (Node node = 0; node < count; ++node)
      ASSERT_EQ(marked.is_marked(node), before.contains(node)) << "round " << round;
    marked.open_walls();
    std::set<Node> after = search(owned, roots);
    for (Node node = 0; node < count; ++node)
      ASSERT_EQ(marked.is_marked(node), after.contains(node)) << "round " << round;
    held_back += after.size() > before.size();
  }
  EXPECT_GT(held_back, 50u);
}

// As search_with_walls(), for a graph for which sets take too long.
std::vector<bool> search_large(const Owned& owned, const std::vector<Node>& roots,
                               const std::vector<bool>& is_wall) {
  const Graph& graph = owned.graph;
  std::vector<bool> seen(graph.node_count);
  std::vector<Node> work(roots);
  while (!work.empty()) {
    Node node = work.back();
    work.pop_back();
    if (seen[node]) continue;
    seen[node] = true;
    if (is_wall[node]) continue;
    if (const std::uint32_t* row = graph.row_of(node))
      work.insert(work.end(), graph.edges_of(node) + row[0], graph.edges_of(node) + row[1]);
    auto extra = std::ranges::lower_bound(owned.extra, node, {}, &Edge::from);
    for (; extra != owned.extra.end() && extra->from == node; ++extra) work.push_back(extra->to);
  }
  return seen;
}

// Large enough that several threads share it, with walls and extra edges; of those that threads
// find at once each counts once.
TEST(Reachability, WhatSeveralThreadsMarkEqualsAPlainSearch) {
  if (worker_count() == 1) GTEST_SKIP() << "one processor: one thread marks everything";
  std::mt19937 random(4);
  for (int round = 0; round < 3; ++round) {
    Owned owned = make_random(random, 600'000, 1'000, 1'000, 1.5);
    Node count = owned.graph.node_count;
    std::vector<Node> roots, walls;
    for (int i = 0; i < 20; ++i) roots.push_back(static_cast<Node>(random() % count));
    for (int i = 0; i < 50'000; ++i) walls.push_back(static_cast<Node>(random() % count));
    std::vector<bool> is_wall(count), is_none(count);
    for (Node wall : walls) is_wall[wall] = true;
    auto expect = [&](const Reachability& marked, const std::vector<bool>& expected) {
      auto expected_count = static_cast<std::uint64_t>(std::ranges::count(expected, true));
      EXPECT_GT(expected_count, 250'000U);  // beyond what one thread does alone
      EXPECT_EQ(marked.marked_count(), expected_count);
      for (Node node = 0; node < count; ++node)
        ASSERT_EQ(marked.is_marked(node), expected[node]) << "round " << round;
    };
    Reachability marked(owned.graph, owned.extra);
    marked.build_walls(walls);
    marked.mark_from(roots);
    expect(marked, search_large(owned, roots, is_wall));
    marked.open_walls();
    expect(marked, search_large(owned, roots, is_none));
  }
}

// A stack that is never deeper than a node: there is nothing to share.
TEST(Reachability, AChainIsMarkedToItsEnd) {
  constexpr Node kLength = 1'000'000;
  Owned owned;
  for (Node node = 0; node < kLength; ++node) {
    owned.begin.push_back(node);
    owned.edges.push_back(node + 1);
  }
  owned.begin.push_back(kLength);
  owned.graph = {.node_count = kLength,
                 .rows = {owned.begin.data(), owned.edges.data(), kLength},
                 .companions = {},
                 .companions_from = kLength};
  Reachability marked(owned.graph);
  marked.mark_from(std::vector<Node>{0});
  EXPECT_EQ(marked.marked_count(), kLength);
}

TEST(Reachability, NumbersBeyondTheGraphAreIgnored) {
  std::vector<std::uint32_t> begin{0, 2};
  std::vector<Node> edges{7, 0xffffffff};
  Graph graph{.node_count = 1,
              .rows = {begin.data(), edges.data(), 1},
              .companions = {},
              .companions_from = 1};
  Reachability marked(graph);
  marked.mark_from(std::vector<Node>{0, 9});
  EXPECT_EQ(marked.marked_count(), 1u);
}

}  // namespace
}  // namespace goshawk::graph
