// How fast it is told who holds what: on the heap of bench/heap (half of the nodes in lists of
// 1,000 linked both ways, half in one binary tree), numbered in the order of allocation and
// shuffled, and on a random graph, which no heap is as bad as. Peak memory is the program's own,
// the graph in it: run one benchmark at a time to see it (--benchmark_filter).
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "graph/dominators.h"

namespace {

using goshawk::ReservedArray;
using goshawk::graph::Dominators;
using goshawk::graph::Graph;
using goshawk::graph::Node;

constexpr Node kList = 1000;

// Arrays are those of a picture: in huge pages.
struct Heap {
  Heap(Node nodes, std::uint32_t degree)
      : count(nodes), rows(nodes + std::uint64_t{1}), edges(std::uint64_t{nodes} * degree) {}

  Node count;
  ReservedArray<std::uint32_t> rows;
  ReservedArray<Node> edges;
  std::vector<Node> roots;  // the companion's row: node `count`
  std::vector<std::uint32_t> root_rows;

  Graph graph() {
    root_rows = {0, static_cast<std::uint32_t>(roots.size())};
    return {.node_count = count + 1,
            .rows = {rows.data(), edges.data(), count},
            .companions = {root_rows.data(), roots.data(), 1},
            .companions_from = count};
  }
};

// What the i-th node leads to, before it gets its name.
std::vector<Node> neighbours(Node i, Node count) {
  Node half = count / 2;
  std::vector<Node> to;
  if (i < half) {
    if (i % kList != 0) to.push_back(i - 1);
    if (i % kList != kList - 1 && i + 1 < half) to.push_back(i + 1);
  } else {
    std::uint64_t k = i - half;
    for (std::uint64_t child : {2 * k + 1, 2 * k + 2})
      if (half + child < count) to.push_back(static_cast<Node>(half + child));
  }
  return to;
}

Heap make_heap(Node count, bool shuffled) {
  std::vector<Node> names(count), places(count);
  std::iota(names.begin(), names.end(), 0);
  if (shuffled) std::shuffle(names.begin(), names.end(), std::mt19937(1));
  for (Node i = 0; i < count; ++i) places[names[i]] = i;
  Heap heap(count, 2);
  std::uint32_t edges = 0;
  for (Node name = 0; name < count; ++name) {
    for (Node to : neighbours(places[name], count)) heap.edges[edges++] = names[to];
    heap.rows[name + std::uint64_t{1}] = edges;
  }
  for (Node i = 0; i < count / 2; i += kList) heap.roots.push_back(names[i]);
  heap.roots.push_back(names[count / 2]);
  return heap;
}

Heap make_random(Node count, std::uint32_t degree) {
  std::mt19937 random(1);
  Heap heap(count, degree);
  for (Node k = 0; k <= count; ++k) heap.rows[k] = k * degree;
  for (std::uint64_t i = 0; i < std::uint64_t{count} * degree; ++i)
    heap.edges[i] = static_cast<Node>(random() % count);
  heap.roots = {0};
  return heap;
}

void measure(benchmark::State& state, Heap heap) {
  Graph graph = heap.graph();
  std::uint32_t reached = 0;
  for (auto _ : state) {
    Dominators dominators(graph, graph.companions_from);
    ReservedArray<std::uint64_t> bytes(dominators.count());
    for (Node node = 0; node < graph.node_count; ++node)
      if (std::uint32_t number = dominators.number_of(node); number != Dominators::kUnreached)
        bytes[number] = 64;
    dominators.add_up(bytes);
    if (bytes[0] != std::uint64_t{64} * dominators.count()) state.SkipWithError("bytes were lost");
    reached = dominators.count();
  }
  state.SetItemsProcessed(state.iterations() * reached);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1e3;
}

void heap_in_order(benchmark::State& state) {
  measure(state, make_heap(static_cast<Node>(state.range(0)), false));
}
void heap_shuffled(benchmark::State& state) {
  measure(state, make_heap(static_cast<Node>(state.range(0)), true));
}
void random_graph(benchmark::State& state) {
  measure(state, make_random(static_cast<Node>(state.range(0)), 3));
}

constexpr std::int64_t kHeap = 15'700'000;
BENCHMARK(heap_in_order)->Arg(1 << 20)->Arg(kHeap)->Unit(benchmark::kMillisecond);
BENCHMARK(heap_shuffled)->Arg(1 << 20)->Arg(kHeap)->Unit(benchmark::kMillisecond);
BENCHMARK(random_graph)->Arg(1 << 20)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
