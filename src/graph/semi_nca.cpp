// The semi-NCA algorithm: L. Georgiadis, "Linear-Time Algorithms for Dominators and Related
// Problems" (Princeton, 2005); Georgiadis, Tarjan, Werneck, "Finding Dominators in Practice"
// (2006). Semidominators are those of T. Lengauer, R. Tarjan, "A Fast Algorithm for Finding
// Dominators in a Flowgraph" (1979).
//
//   1. Depth-first search from the root: numbers, parents, and every edge outside of the tree.
//   2. From the largest number to the smallest, semi(w) = the least of parent(w) and, over all
//   edges
//      u -> w, of the semis on the way from u up to the nodes not done yet (u itself if not done).
//   3. From the smallest to the largest, idom(w) = the nearest ancestor of w in the tree of
//      dominators so far, beginning at parent(w), whose number is <= semi(w).
//
// What the time goes into is memory that is not in the cache, so:
//  - the search's stack, the forest of step 2 and its labels are one array in turn;
//  - edges of step 2 come sorted from EdgeBuckets: it reads numbers in falling order only, but for
//    the ways up, which path halving shortens without a stack;
//  - the search asks a bit whether a node was met, for all the bits are in the cache; the number of
//    one that was is needed only for the edge to it, which can wait until it has been fetched;
//  - whatever is going to be looked at is prefetched: where the rows of new children begin when a
//    row is begun, the next sibling's row before its elder is entered, rows further up before the
//    search comes back to them, the first step of a way up before it is gone.
#include "graph/semi_nca.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "graph/edge_buckets.h"

namespace goshawk::graph {
namespace {

constexpr std::uint32_t kAheadInRow = 8;
constexpr std::uint32_t kAheadInBucket = 24, kAboveAheadInBucket = 12;
constexpr std::uint32_t kFramesAhead = 6;

// While searching, where a row is to be gone on with; then a node of the forest.
struct Pair {
  std::uint32_t next, end;

  std::uint32_t& ancestor() { return next; }
  std::uint32_t& label() { return end; }  // the least semi from the node up to below its ancestor
};

// Edges to nodes that were met, each kept until the number of its target has been fetched.
class EdgesToMet {
 public:
  EdgesToMet(const std::uint32_t* numbers, EdgeBuckets& buckets)
      : numbers_(numbers), buckets_(buckets) {}

  void add(std::uint32_t from, Node to) {
    __builtin_prefetch(numbers_ + to);
    if (count_ >= kMost) pass_on(ring_[count_ % kMost]);
    ring_[count_++ % kMost] = {from, to};
  }
  void pass_on_all() {
    for (std::uint64_t i = count_ - std::min<std::uint64_t>(count_, kMost); i < count_; ++i)
      pass_on(ring_[i % kMost]);
  }

 private:
  static constexpr std::uint32_t kMost = 32;
  struct Waiting {
    std::uint32_t from;
    Node to;
  };

  // None leads to the root, nor to itself.
  void pass_on(Waiting edge) {
    std::uint32_t to = numbers_[edge.to] - 1;
    if (to != 0 && to != edge.from) buckets_.add(edge.from, to);
  }

  const std::uint32_t* numbers_;
  EdgeBuckets& buckets_;
  std::array<Waiting, kMost> ring_{};
  std::uint64_t count_ = 0;
};

class Search {
 public:
  Search(const Graph& graph, const Reachability* left_out, ReservedArray<std::uint32_t>& numbers,
         ReservedArray<Node>& nodes, ReservedArray<std::uint32_t>& parents, Pair* stack,
         EdgeBuckets& others)
      : graph_(graph),
        left_out_(left_out),
        numbers_(numbers.data()),
        nodes_(nodes.data()),
        parents_(parents.data()),
        stack_(stack),
        met_(graph.node_count / 64 + std::size_t{1}),
        others_(numbers.data(), others) {}

  // How many were reached.
  std::uint32_t run(Node root);

 private:
  std::uint32_t number(Node node) {
    nodes_[count_] = node;
    parents_[count_] = current_;
    numbers_[node] = count_ + 1;
    met_[node / 64] |= std::uint64_t{1} << (node % 64);
    return count_++;
  }
  bool is_met(Node node) const { return (met_[node / 64] >> (node % 64) & 1) != 0; }
  // Where the row of a node begins and ends.
  Pair row(Node node) const {
    const std::uint32_t* row = graph_.row_of(node);
    return row != nullptr && row[0] < row[1] ? Pair{row[0], row[1]} : Pair{0, 0};
  }
  void prefetch(Node node) const {
    if (node < graph_.rows.count && !is_met(node)) __builtin_prefetch(graph_.rows.begin + node);
  }
  void prefetch_row(Node node) const {
    if (node < graph_.rows.count) __builtin_prefetch(graph_.rows.edges + graph_.rows.begin[node]);
  }
  void enter(std::uint32_t number, Pair row);
  bool leave();

  const Graph& graph_;
  const Reachability* left_out_;
  std::uint32_t* numbers_;
  Node* nodes_;
  std::uint32_t* parents_;
  Pair* stack_;
  std::vector<std::uint64_t> met_;  // a bit for each node
  EdgesToMet others_;

  std::uint32_t count_ = 0;
  std::uint32_t current_ = 0;    // number of the node whose row is being read
  const Node* edges_ = nullptr;  // the array that this row is in
  Pair at_{0, 0};                // what is left of it
  std::uint32_t depth_ = 0;      // of what is on the stack: the rows of all above
};

void Search::enter(std::uint32_t number, Pair row) {
  current_ = number;
  at_ = row;
  edges_ = graph_.edges_of(nodes_[number]);
  std::uint32_t ahead = std::min(row.end - row.next, kAheadInRow);
  for (std::uint32_t i = 0; i < ahead; ++i) prefetch(edges_[row.next + i]);
}

// False: there is nothing to come back to.
bool Search::leave() {
  if (depth_ == 0) return false;
  at_ = stack_[--depth_];
  current_ = parents_[current_];
  edges_ = graph_.edges_of(nodes_[current_]);
  if (depth_ > kFramesAhead)
    __builtin_prefetch(graph_.rows.edges + stack_[depth_ - kFramesAhead].next);
  return true;
}

std::uint32_t Search::run(Node root) {
  enter(number(root), row(root));
  do {
    while (at_.next != at_.end) {
      if (at_.end - at_.next > kAheadInRow) prefetch(edges_[at_.next + kAheadInRow]);
      Node node = edges_[at_.next++];
      if (node >= graph_.node_count) continue;
      if (is_met(node)) {
        others_.add(current_, node);
        continue;
      }
      if (left_out_ != nullptr && left_out_->is_marked(node)) continue;
      std::uint32_t child = number(node);
      Pair row_of_child = row(node);
      if (row_of_child.next == row_of_child.end) continue;
      if (at_.next != at_.end) prefetch_row(edges_[at_.next]);
      stack_[depth_++] = at_;
      enter(child, row_of_child);
    }
  } while (leave());
  others_.pass_on_all();
  return count_;
}

// Step 2. Numbers above `w` are done: each hangs below its ancestor.
class Forest {
 public:
  explicit Forest(Pair* pairs) : pairs_(pairs) {}

  void hang(std::uint32_t w, std::uint32_t parent, std::uint32_t semi) {
    pairs_[w] = {parent, semi};
  }
  void prefetch(std::uint32_t number) const { __builtin_prefetch(pairs_ + number, 1); }
  void prefetch_above(std::uint32_t number, std::uint32_t w) const {
    if (number > w) __builtin_prefetch(pairs_ + pairs_[number].ancestor(), 1);
  }

  // The least semi on the way from `from` up to the first that is not done; that one itself if
  // `from` is it.
  std::uint32_t least_semi(std::uint32_t from, std::uint32_t w) {
    std::uint32_t least = from;
    while (from > w) {
      Pair& at = pairs_[from];
      if (at.ancestor() > w) {
        Pair& above = pairs_[at.ancestor()];
        at.label() = std::min(at.label(), above.label());
        at.ancestor() = above.ancestor();
      }
      least = std::min(least, at.label());
      from = at.ancestor();
    }
    return least;
  }

 private:
  Pair* pairs_;
};

void compute_semis(std::uint32_t count, EdgeBuckets& edges, const std::uint32_t* parents,
                   Pair* pairs, std::uint32_t* semis) {
  Forest forest(pairs);
  for (std::uint32_t bucket = (count - 1) / EdgeBuckets::kTargets + 1; bucket-- > 0;) {
    EdgeBuckets::Sorted sorted = edges.take(bucket);
    std::uint32_t first = bucket * EdgeBuckets::kTargets;
    std::uint32_t end = first + std::min(EdgeBuckets::kTargets, count - first);
    for (std::uint32_t w = end; w-- > std::max(first, 1U);) {
      std::uint32_t semi = parents[w];
      std::uint32_t begin = sorted.begin[w - first];
      for (std::uint32_t i = sorted.begin[w - first + 1]; i-- > begin;) {
        if (i >= kAheadInBucket) {
          forest.prefetch(sorted.from[i - kAheadInBucket]);
          forest.prefetch_above(sorted.from[i - kAboveAheadInBucket], w);
        }
        semi = std::min(semi, forest.least_semi(sorted.from[i], w));
      }
      semis[w] = semi;
      forest.hang(w, parents[w], semi);
    }
  }
}

// Step 3; idom takes the place of semi.
void find_nearest_ancestors(std::uint32_t count, const std::uint32_t* parents,
                            std::uint32_t* semi_then_idom) {
  for (std::uint32_t w = 1; w < count; ++w) {
    std::uint32_t idom = parents[w];
    while (idom > semi_then_idom[w]) idom = semi_then_idom[idom];
    semi_then_idom[w] = idom;
  }
}

}  // namespace

SemiNca compute_semi_nca(const Graph& graph, Node root, const Reachability* left_out) {
  SemiNca tree{.count = 0,
               .numbers = ReservedArray<std::uint32_t>(graph.node_count),
               .nodes = ReservedArray<Node>(graph.node_count),
               .immediate = ReservedArray<std::uint32_t>(graph.node_count)};
  ReservedArray<std::uint32_t> parents(graph.node_count);
  {
    ReservedArray<Pair> pairs(graph.node_count);
    EdgeBuckets others;
    tree.count =
        Search(graph, left_out, tree.numbers, tree.nodes, parents, pairs.data(), others).run(root);
    compute_semis(tree.count, others, parents.data(), pairs.data(), tree.immediate.data());
  }
  find_nearest_ancestors(tree.count, parents.data(), tree.immediate.data());
  return tree;
}

}  // namespace goshawk::graph
