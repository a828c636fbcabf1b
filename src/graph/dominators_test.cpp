// Dominators against their definition (take a node away and see what is not reached any more) on
// thousands of small random graphs of every density, and on shapes with a known answer that are as
// large and as deep as heaps are.
#include "graph/dominators.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "graph/search_tree.h"

namespace goshawk::graph {
namespace {

struct Owned {
  std::vector<std::uint32_t> begin{0}, companion_begin{0};
  std::vector<Node> edges, companion_edges;
  Node leaves = 0;

  Node rows() const { return static_cast<Node>(begin.size() - 1); }
  Node companions() const { return static_cast<Node>(companion_begin.size() - 1); }
  Graph graph() const {
    return {.node_count = rows() + leaves + companions(),
            .rows = {begin.data(), edges.data(), rows()},
            .companions = {companion_begin.data(), companion_edges.data(), companions()},
            .companions_from = rows() + leaves};
  }
  void row(const std::vector<Node>& to) {
    edges.insert(edges.end(), to.begin(), to.end());
    begin.push_back(static_cast<std::uint32_t>(edges.size()));
  }
  void companion(const std::vector<Node>& to) {
    companion_edges.insert(companion_edges.end(), to.begin(), to.end());
    companion_begin.push_back(static_cast<std::uint32_t>(companion_edges.size()));
  }
};

std::vector<Node> successors(const Graph& graph, Node node) {
  const std::uint32_t* row = graph.row_of(node);
  if (row == nullptr) return {};
  return {graph.edges_of(node) + row[0], graph.edges_of(node) + row[1]};
}

using Reached = std::vector<bool>;

// What is reached from the root while the nodes of `without` are not there.
Reached search(const Graph& graph, Node root, Reached without) {
  Reached seen(graph.node_count);
  std::vector<Node> work{root};
  while (!work.empty()) {
    Node node = work.back();
    work.pop_back();
    if (node >= graph.node_count || seen[node] || without[node]) continue;
    seen[node] = true;
    for (Node next : successors(graph, node)) work.push_back(next);
  }
  return seen;
}

// By node: what goes with it, its own bytes (node + 1) among them.
std::vector<std::uint64_t> retained_by_definition(const Graph& graph, Node root,
                                                  const Reached& left_out) {
  Reached all = search(graph, root, left_out);
  std::vector<std::uint64_t> retained(graph.node_count);
  for (Node gone = 0; gone < graph.node_count; ++gone) {
    Reached without = left_out;
    without[gone] = true;
    Reached rest = search(graph, root, without);
    for (Node node = 0; node < graph.node_count; ++node)
      if (all[node] && !rest[node]) retained[gone] += node + 1;
  }
  return retained;
}

ReservedArray<std::uint64_t> retained(const Dominators& dominators) {
  ReservedArray<std::uint64_t> bytes(dominators.count());
  for (std::uint32_t number = 0; number < dominators.count(); ++number)
    bytes[number] = dominators.node(number) + std::uint64_t{1};
  dominators.add_up(bytes);
  return bytes;
}

// Node k's dominators are told by what they retain: equal sums for equal sets, as good as always.
void expect_as_defined(const Graph& graph, Node root, const Reachability* left_out,
                       const Reached& without) {
  Dominators dominators(graph, root, left_out);
  ReservedArray<std::uint64_t> bytes = retained(dominators);
  std::vector<std::uint64_t> expected = retained_by_definition(graph, root, without);
  std::uint32_t reached = 0;
  for (Node node = 0; node < graph.node_count; ++node) {
    std::uint32_t number = dominators.number_of(node);
    ASSERT_EQ(number != Dominators::kUnreached, expected[node] > 0) << node;
    if (number == Dominators::kUnreached) continue;
    ++reached;
    ASSERT_EQ(dominators.node(number), node);
    ASSERT_EQ(bytes[number], expected[node]) << node;
    ASSERT_TRUE(number == 0 || dominators.immediate(number) < number);
  }
  ASSERT_EQ(dominators.count(), reached);
  ASSERT_EQ(dominators.number_of(root), 0u);
  Dominators lean(graph, root, left_out, Dominators::Lookup::kNone);
  ASSERT_EQ(lean.count(), reached);
  for (std::uint32_t number = 0; number < reached; ++number) {
    ASSERT_EQ(lean.node(number), dominators.node(number));
    ASSERT_EQ(lean.immediate(number), dominators.immediate(number));
  }
}

// The tree itself: the immediate dominator is the one whose own dominators are all the others.
void expect_immediate_as_defined(const Graph& graph, Node root) {
  Dominators dominators(graph, root);
  Reached none(graph.node_count);
  std::vector<std::vector<Node>> dominators_of(graph.node_count);
  for (Node d = 0; d < graph.node_count; ++d) {
    Reached without = none;
    without[d] = true;
    Reached rest = search(graph, root, without);
    for (Node node = 0; node < graph.node_count; ++node)
      if (node != d && !rest[node]) dominators_of[node].push_back(d);
  }
  for (std::uint32_t number = 1; number < dominators.count(); ++number) {
    Node node = dominators.node(number);
    Node idom = dominators.node(dominators.immediate(number));
    std::vector<Node> expected = dominators_of[idom];
    expected.push_back(idom);
    std::ranges::sort(expected);
    ASSERT_EQ(dominators_of[node], expected) << "node " << node << " idom " << idom;
  }
}

Owned make_random(std::mt19937& random, double degree) {
  Owned owned;
  Node rows = 1 + static_cast<Node>(random() % 30);
  owned.leaves = static_cast<Node>(random() % 8);
  Node companions = static_cast<Node>(random() % 8);
  std::poisson_distribution<std::size_t> how_many(degree);
  // Some lead to nowhere; some, with so few nodes, to themselves or twice to the same.
  std::uniform_int_distribution<Node> target(0, rows + owned.leaves + companions + 1);
  auto targets = [&] {
    std::vector<Node> to(how_many(random));
    for (Node& node : to) node = target(random);
    return to;
  };
  for (Node k = 0; k < rows; ++k) owned.row(targets());
  for (Node k = 0; k < companions; ++k) owned.companion(targets());
  return owned;
}

TEST(Dominators, EqualTheirDefinitionOnRandomGraphs) {
  std::mt19937 random(1);
  std::size_t deep = 0;
  for (int round = 0; round < 4000; ++round) {
    Owned owned = make_random(random, 0.6 + (round % 20) * 0.1);
    Graph graph = owned.graph();
    Node root = static_cast<Node>(random() % graph.node_count);
    expect_as_defined(graph, root, nullptr, Reached(graph.node_count));
    expect_immediate_as_defined(graph, root);
    if (HasFatalFailure()) FAIL() << "round " << round;
    Dominators dominators(graph, root);
    for (std::uint32_t number = 1; number < dominators.count(); ++number)
      if (dominators.immediate(number) != 0) ++deep;
  }
  EXPECT_GT(deep, 10'000u);  // the trees were worth a look
}

// As heaps are: a tree, with edges back to parents, and a few from anywhere to anywhere.
Owned make_treelike(std::mt19937& random, Node rows, unsigned more) {
  std::vector<std::vector<Node>> to(rows);
  for (Node k = 1; k < rows; ++k) {
    Node parent = static_cast<Node>(random() % k);
    to[parent].push_back(k);
    if (random() % 4 == 0) to[k].push_back(parent);
  }
  for (unsigned i = 0; i < more; ++i)
    to[random() % rows].push_back(static_cast<Node>(random() % rows));
  Owned owned;
  for (const std::vector<Node>& targets : to) owned.row(targets);
  return owned;
}

TEST(Dominators, EqualTheirDefinitionOnGraphsThatAreNearlyTrees) {
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    Owned owned = make_treelike(random, 40, static_cast<unsigned>(round % 12));
    Graph graph = owned.graph();
    expect_as_defined(graph, 0, nullptr, Reached(graph.node_count));
    expect_immediate_as_defined(graph, 0);
    if (HasFatalFailure()) FAIL() << "round " << round;
  }
}

TEST(Dominators, WhatIsLeftOutIsNotThere) {
  std::mt19937 random(2);
  std::size_t partly = 0;
  for (int round = 0; round < 2000; ++round) {
    Owned owned = make_random(random, 1.0 + (round % 10) * 0.1);
    Graph graph = owned.graph();
    Reachability marked(graph);
    marked.mark_from(std::vector<Node>{static_cast<Node>(random() % graph.node_count)});
    Node root = static_cast<Node>(random() % graph.node_count);
    if (marked.is_marked(root)) continue;
    Reached without(graph.node_count);
    for (Node node = 0; node < graph.node_count; ++node) without[node] = marked.is_marked(node);
    expect_as_defined(graph, root, &marked, without);
    if (HasFatalFailure()) FAIL() << "round " << round;
    if (marked.marked_count() > 2) ++partly;
  }
  EXPECT_GT(partly, 300u);
}

// --- large ones ---

constexpr Node kLarge = 1'000'000;

TEST(Dominators, AChainHangsOnItsBeginningHoweverDeep) {
  for (bool back : {false, true}) {  // with an edge to the one before, as in a list of both ways
    Owned owned;
    for (Node k = 0; k < kLarge; ++k)
      owned.row(back ? std::vector<Node>{k - 1, k + 1} : std::vector<Node>{k + 1});
    Dominators dominators(owned.graph(), 0);
    ASSERT_EQ(dominators.count(), kLarge);
    ReservedArray<std::uint64_t> bytes(kLarge);
    for (Node k = 0; k < kLarge; ++k) bytes[k] = 1;
    dominators.add_up(bytes);
    for (Node k = 0; k < kLarge; k += 997) ASSERT_EQ(bytes[dominators.number_of(k)], kLarge - k);
  }
}

TEST(Dominators, ACycleThatIsEnteredTwiceHangsOnWhatComesBeforeIt) {
  Owned owned;  // 0 -> 1 .. n-1 -> 1, and 0 -> the middle
  owned.row({1, kLarge / 2});
  for (Node k = 1; k < kLarge; ++k) owned.row({k + 1 < kLarge ? k + 1 : 1});
  Dominators dominators(owned.graph(), 0);
  ASSERT_EQ(dominators.count(), kLarge);
  auto idom = [&](Node node) {
    return dominators.node(dominators.immediate(dominators.number_of(node)));
  };
  for (Node k : {Node{1}, kLarge / 2}) EXPECT_EQ(idom(k), 0u);
  for (Node k : {Node{2}, kLarge / 2 - 1, kLarge / 2 + 1, kLarge - 1}) EXPECT_EQ(idom(k), k - 1);
}

TEST(Dominators, AStarHangsOnItsMiddle) {
  Owned owned;
  std::vector<Node> all(kLarge);
  std::iota(all.begin(), all.end(), 0);
  owned.row(all);  // to itself too
  owned.leaves = kLarge - 2;
  owned.companion({0, 0, 1});  // a second way to node 1
  Node root = kLarge - 1;
  Dominators dominators(owned.graph(), root);
  ASSERT_EQ(dominators.count(), kLarge);
  EXPECT_EQ(dominators.immediate(dominators.number_of(0)), 0u);
  EXPECT_EQ(dominators.immediate(dominators.number_of(1)), 0u);
  for (Node k = 2; k < root; k += 991)
    ASSERT_EQ(dominators.node(dominators.immediate(dominators.number_of(k))), 0u);
}

// Where edges lead anywhere the breadth-first tree is given up, once there is enough of it to tell.
TEST(Dominators, EqualTheirDefinitionOnALargeGraphWithoutShape) {
  constexpr Node kNodes = 150'000;
  std::mt19937 random(7);
  Owned owned;
  for (Node k = 0; k < kNodes; ++k) owned.row(std::vector<Node>(random() % 4, Node(0)));
  for (Node& to : owned.edges) to = static_cast<Node>(random() % kNodes);
  Graph graph = owned.graph();
  Node root = 0;
  while (successors(graph, root).size() < 3) ++root;
  ASSERT_TRUE(grow_search_tree(graph, root, nullptr).given_up);
  Dominators dominators(graph, root);
  ASSERT_GT(dominators.count(), kNodes / 2);
  ReservedArray<std::uint64_t> nodes(dominators.count());
  for (std::uint32_t number = 0; number < dominators.count(); ++number) nodes[number] = 1;
  dominators.add_up(nodes);
  auto count = [](const Reached& reached) {
    return static_cast<std::uint64_t>(std::ranges::count(reached, true));
  };
  ASSERT_EQ(count(search(graph, root, Reached(kNodes))), dominators.count());
  std::uint64_t dominating = 0;
  for (std::uint32_t number = 1; number < dominators.count(); number += 6007) {
    Reached without(kNodes);
    without[dominators.node(number)] = true;
    EXPECT_EQ(count(search(graph, root, without)), dominators.count() - nodes[number]) << number;
    dominating += nodes[number] > 1 ? 1 : 0;
  }
  EXPECT_GT(dominating, 3u);
}

TEST(Dominators, ManyBucketsOfEdgesAreSortedRight) {
  // Layers of which each is reached from two of the one before: all hang on the first.
  constexpr Node kWide = 1000, kDeep = 300;
  Owned owned;
  std::vector<Node> first(kWide);
  std::iota(first.begin(), first.end(), 1);
  owned.row(first);
  for (Node layer = 0; layer < kDeep; ++layer)
    for (Node k = 0; k < kWide; ++k) {
      Node below = 1 + (layer + 1) * kWide;
      owned.row(layer + 1 < kDeep ? std::vector<Node>{below + k, below + (k + 1) % kWide}
                                  : std::vector<Node>{});
    }
  Dominators dominators(owned.graph(), 0);
  ASSERT_EQ(dominators.count(), 1 + kWide * kDeep);
  for (std::uint32_t number = 1; number < dominators.count(); ++number)
    ASSERT_EQ(dominators.immediate(number), 0u) << dominators.node(number);
}

}  // namespace
}  // namespace goshawk::graph
