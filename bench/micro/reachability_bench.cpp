// How fast the mark walks a heap: nodes with two references each, as a binary tree, numbered in the
// order of allocation and shuffled. The tree has no locality to speak of once shuffled, which is
// what an old heap looks like. Every node is reachable, so that nothing is saved.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "graph/reachability.h"

namespace {

using goshawk::graph::Graph;
using goshawk::graph::Node;
using goshawk::graph::Reachability;

struct Heap {
  std::vector<std::uint32_t> rows;
  std::vector<Node> edges;
  Node root = 0;
};

// names[i] is the number that the i-th node of the tree bears.
Heap make_tree(const std::vector<Node>& names) {
  auto count = static_cast<Node>(names.size());
  Heap heap;
  heap.rows.resize(count + 1);
  heap.edges.resize(2 * std::size_t{count}, count);  // a leaf's edges lead nowhere: >= node_count
  std::iota(heap.rows.begin(), heap.rows.end(), 0);
  for (std::uint32_t& row : heap.rows) row *= 2;
  for (Node i = 0; i < count; ++i)
    for (Node side = 0; side < 2; ++side)
      if (std::size_t child = 2 * std::size_t{i} + 1 + side; child < count)
        heap.edges[2 * std::size_t{names[i]} + side] = names[child];
  heap.root = names[0];
  return heap;
}

std::vector<Node> numbered(std::int64_t count, bool shuffled) {
  std::vector<Node> names(static_cast<std::size_t>(count));
  std::iota(names.begin(), names.end(), 0);
  if (shuffled) std::shuffle(names.begin(), names.end(), std::mt19937(1));
  return names;
}

void mark_tree(benchmark::State& state, bool shuffled) {
  Heap heap = make_tree(numbered(state.range(0), shuffled));
  auto count = static_cast<Node>(state.range(0));
  Graph graph;
  graph.node_count = count;
  graph.rows = {heap.rows.data(), heap.edges.data(), count};
  for (auto _ : state) {
    Reachability marked(graph);
    marked.mark_from(std::vector<Node>{heap.root});
    if (marked.marked_count() != count) state.SkipWithError("not everything was marked");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK_CAPTURE(mark_tree, in_order, false)
    ->Arg(1 << 16)
    ->Arg(1 << 20)
    ->Arg(1 << 24)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(mark_tree, shuffled, true)
    ->Arg(1 << 16)
    ->Arg(1 << 20)
    ->Arg(1 << 24)
    ->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
