// What dominates a node lies on every way to it, so also on its way in a breadth-first tree, which
// is grown fast, for its queue says ahead what is needed. Most of a heap hangs together like such a
// tree:
//
//   - A node is entered when an edge outside of the tree leads from outside of its subtree into it.
//     Who is not is dominated by its parent, and dominates its whole subtree.
//   - In a subtree where nobody is entered, the tree is the dominator tree. From outside all of it
//     looks like the parent of its top: whoever leaves it has come through there.
//
// What remains, nodes that are entered or are above such nodes, is a graph of its own, which
// semi-NCA solves. Where that is most of the graph, semi-NCA is given the graph itself.
//
// Subtrees are intervals of the tree's preorder: an edge comes from outside when its source has a
// smaller or a larger place in it than the subtree. The least and the largest source of all edges
// into a subtree are found one after the other, in the same array.
#include "graph/dominators.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "graph/search_tree.h"
#include "graph/semi_nca.h"

namespace goshawk::graph {
namespace {

constexpr std::uint64_t kMostEdges = 0xffffffff;  // rows are 32 bits wide

// A bit for each number.
class Bits {
 public:
  explicit Bits(std::uint32_t count) : words_(count / 64 + std::size_t{1}) {}
  void set(std::uint32_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  bool operator[](std::uint32_t i) const { return (words_[i / 64] >> (i % 64) & 1) != 0; }

 private:
  std::vector<std::uint64_t> words_;
};

// How many nodes v's subtree has, itself among them.
ReservedArray<std::uint32_t> compute_sizes(const SearchTree& tree) {
  ReservedArray<std::uint32_t> sizes(tree.count);
  for (std::uint32_t v = tree.count; v-- > 1;) sizes[tree.parents[v]] += ++sizes[v];
  ++sizes[0];
  return sizes;
}

// Places in the tree's preorder: those of v's subtree are [first[v], end[v]). Each takes the place
// of the sizes, for a subtree's own is not needed once its place is known.
ReservedArray<std::uint32_t> compute_firsts(const SearchTree& tree) {
  ReservedArray<std::uint32_t> first = compute_sizes(tree);
  first[0] = 0;
  std::uint32_t parent = 0, next = 1;
  for (std::uint32_t v = 1; v < tree.count; ++v) {
    if (tree.parents[v] != parent) {
      parent = tree.parents[v];
      next = first[parent] + 1;
    }
    next += std::exchange(first[v], next);
  }
  return first;
}

ReservedArray<std::uint32_t> compute_ends(const SearchTree& tree) {
  ReservedArray<std::uint32_t> end = compute_sizes(tree);
  for (std::uint32_t v = 1; v < tree.count;) {
    std::uint32_t behind = v;  // the last child: siblings are numbered side by side
    while (behind < tree.count && tree.parents[behind] == tree.parents[v]) ++behind;
    std::uint32_t next = end[tree.parents[v]];
    for (std::uint32_t child = behind; child-- > v;) {
      std::uint32_t size = end[child];
      end[child] = next;
      next -= size;
    }
    v = behind;
  }
  return end;
}

// farthest[v]: of v itself and of all that leads to v, the place of the one farthest out.
template <typename Farther>
ReservedArray<std::uint32_t> find_farthest(const SearchTree& tree,
                                           const ReservedArray<std::uint32_t>& first,
                                           Farther farther) {
  ReservedArray<std::uint32_t> farthest(tree.count);
  std::copy_n(first.data(), tree.count, farthest.data());
  tree.others.for_each(
      [&](Edge edge) { farthest[edge.to] = farther(farthest[edge.to], first[edge.from]); });
  return farthest;
}

// ... of all that leads into v's subtree, told to visit(v, farthest), the lowest first.
template <typename Farther, typename Visit>
void go_up(const SearchTree& tree, ReservedArray<std::uint32_t>& farthest, Farther farther,
           Visit visit) {
  for (std::uint32_t v = tree.count; v-- > 1;) {
    visit(v, farthest[v]);
    farthest[tree.parents[v]] = farther(farthest[tree.parents[v]], farthest[v]);
  }
}

// Who is entered, and everybody above. Two arrays at a time.
Bits find_unsettled(const SearchTree& tree) {
  Bits unsettled(tree.count);
  auto lesser = [](std::uint32_t a, std::uint32_t b) { return std::min(a, b); };
  auto larger = [](std::uint32_t a, std::uint32_t b) { return std::max(a, b); };
  ReservedArray<std::uint32_t> place = compute_firsts(tree);
  {
    ReservedArray<std::uint32_t> farthest = find_farthest(tree, place, lesser);
    go_up(tree, farthest, lesser, [&](std::uint32_t v, std::uint32_t least) {
      if (least < place[v]) unsettled.set(v);
    });
  }
  ReservedArray<std::uint32_t> farthest = find_farthest(tree, place, larger);
  place = {};
  place = compute_ends(tree);
  go_up(tree, farthest, larger, [&](std::uint32_t v, std::uint32_t most) {
    if (most >= place[v]) unsettled.set(v);
  });
  for (std::uint32_t v = tree.count; v-- > 1;)
    if (unsettled[v]) unsettled.set(tree.parents[v]);
  return unsettled;
}

// The unsettled nodes by themselves; settled ones are one with the nearest unsettled one above.
class Remainder {
 public:
  Remainder(const SearchTree& tree, const Bits& unsettled)
      : tree_(tree), unsettled_(unsettled), places_(tree.count) {
    for (std::uint32_t v = 0; v < tree.count; ++v) {
      places_[v] =
          unsettled[v] ? static_cast<std::uint32_t>(members_.size()) : places_[tree.parents[v]];
      if (unsettled[v]) members_.push_back(v);
    }
  }

  std::uint64_t node_count() const { return members_.size(); }
  // At most: for each node an edge from its parent, and one back.
  std::uint64_t edge_count() const { return 2 * members_.size() + tree_.others.size(); }

  void solve(ReservedArray<std::uint32_t>& immediate) {
    make_rows();
    Graph graph{.node_count = static_cast<Node>(members_.size()),
                .rows = {begin_.data(), edges_.data(), static_cast<Node>(members_.size())},
                .companions = {},
                .companions_from = 0};
    SemiNca solved = compute_semi_nca(graph, 0);
    for (std::uint32_t i = 1; i < solved.count; ++i)
      immediate[members_[solved.nodes[i]]] = members_[solved.nodes[solved.immediate[i]]];
  }

 private:
  template <typename Visit>
  void for_each_edge(Visit&& visit) const {
    for (std::uint32_t place = 1; place < members_.size(); ++place) {
      std::uint32_t v = members_[place], parent = places_[tree_.parents[v]];
      visit(parent, place);
      if ((tree_.leads_back[v / 64] >> (v % 64) & 1) != 0) visit(place, parent);
    }
    tree_.others.for_each([&](Edge edge) {
      std::uint32_t from = places_[edge.from], to = places_[edge.to];
      if (from != to && unsettled_[edge.to]) visit(from, to);
    });
  }

  // begin_[k + 1] counts k's edges, then is where they begin, then (each taking its place) end.
  void make_rows() {
    begin_.assign(members_.size() + 2, 0);
    for_each_edge([&](std::uint32_t from, std::uint32_t) { ++begin_[from + 1]; });
    std::uint32_t total = 0;
    for (std::size_t k = 1; k < begin_.size(); ++k) total += std::exchange(begin_[k], total);
    edges_.resize(total);
    for_each_edge([&](std::uint32_t from, std::uint32_t to) { edges_[begin_[from + 1]++] = to; });
  }

  const SearchTree& tree_;
  const Bits& unsettled_;
  ReservedArray<std::uint32_t> places_;  // in members_
  std::vector<std::uint32_t> members_;   // their numbers in the tree
  std::vector<std::uint32_t> begin_;
  std::vector<Node> edges_;
};

// The tree's parents become immediate dominators. False: it would not be worth it.
bool settle(SearchTree& tree) {
  if (tree.given_up) return false;
  if (tree.others.size() == 0) return true;
  Bits unsettled = find_unsettled(tree);
  Remainder remainder(tree, unsettled);
  if (remainder.node_count() > tree.count / 2 || remainder.edge_count() > kMostEdges) return false;
  if (remainder.node_count() > 0) remainder.solve(tree.parents);
  return true;
}

}  // namespace

Dominators::Dominators(const Graph& graph, Node root, const Reachability* left_out, Lookup lookup) {
  assert(root < graph.node_count);
  assert(left_out == nullptr || left_out->node_count() >= graph.node_count);
  SearchTree tree = grow_search_tree(graph, root, left_out);
  if (lookup == Lookup::kNone) tree.numbers = {};
  if (settle(tree)) {
    count_ = tree.count;
    numbers_ = std::move(tree.numbers);
    nodes_ = std::move(tree.nodes);
    immediate_ = std::move(tree.parents);
    return;
  }
  tree = {};  // its memory is needed
  SemiNca solved = compute_semi_nca(graph, root, left_out);
  count_ = solved.count;
  if (lookup == Lookup::kByNode) numbers_ = std::move(solved.numbers);
  nodes_ = std::move(solved.nodes);
  immediate_ = std::move(solved.immediate);
}

void Dominators::add_up(ReservedArray<std::uint64_t>& bytes) const {
  for (std::uint32_t number = count_; number-- > 1;) bytes[immediate_[number]] += bytes[number];
}

}  // namespace goshawk::graph
