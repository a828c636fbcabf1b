// The nodes by their numbers are the queue. What the nodes further on in it need is fetched ahead
// of their turn, in three steps, as each address is found in the one before: where a row begins,
// its edges, the numbers of what they lead to.
//
// Of a graph whose edges lead anywhere the tree is of no use, and it costs a third of what solving
// that graph does. Whether it is one shows early: then an eighth of the nodes met so far have an
// edge outside of the tree leading to them.
#include "graph/search_tree.h"

#include <algorithm>
#include <bit>

namespace goshawk::graph {
namespace {

constexpr std::uint32_t kRowAhead = 32, kEdgesAhead = 20, kNumbersAhead = 10;
constexpr std::uint32_t kMostNumbersAhead = 8;
constexpr std::uint32_t kLeastLookedAt = 1 << 16;  // below that nothing takes long

class Growth {
 public:
  Growth(const Graph& graph, const Reachability* left_out, SearchTree& tree)
      : graph_(graph),
        left_out_(left_out),
        tree_(tree),
        entered_(graph.node_count / 64 + std::size_t{1}) {}

  void run(Node root) {
    number(root, 0);
    std::uint32_t asked_at = std::max(graph_.node_count / 8, kLeastLookedAt);
    for (std::uint32_t at = 0; at < tree_.count; ++at) {
      if (at == asked_at && is_tangled()) {
        tree_.given_up = true;
        return;
      }
      prefetch_ahead(at);
      visit(at);
    }
  }

 private:
  void number(Node node, std::uint32_t parent) {
    tree_.nodes[tree_.count] = node;
    tree_.parents[tree_.count] = parent;
    tree_.numbers[node] = ++tree_.count;
  }

  void visit(std::uint32_t at) {
    const std::uint32_t* row = graph_.row_of(tree_.nodes[at]);
    if (row == nullptr) return;
    const Node* edges = graph_.edges_of(tree_.nodes[at]);
    std::uint32_t first_child = tree_.count;
    for (std::uint32_t i = row[0], end = row[1]; i < end; ++i)
      if (edges[i] < graph_.node_count) follow(at, edges[i], first_child);
  }

  void follow(std::uint32_t from, Node to, std::uint32_t first_child) {
    if (std::uint32_t known = tree_.numbers[to]; known != 0)
      return keep(from, known - 1, first_child);
    if (left_out_ == nullptr || !left_out_->is_marked(to)) number(to, from);
  }

  void keep(std::uint32_t from, std::uint32_t to, std::uint32_t first_child) {
    if (to == 0 || to == from || to >= first_child) return;
    if (to == tree_.parents[from]) {
      tree_.leads_back[from / 64] |= std::uint64_t{1} << (from % 64);
      return;
    }
    tree_.others.add({from, to});
    if (!entered_.empty()) entered_[to / 64] |= std::uint64_t{1} << (to % 64);
  }

  // Asked once.
  bool is_tangled() {
    std::uint64_t entered = 0;
    for (std::uint64_t word : entered_) entered += static_cast<std::uint64_t>(std::popcount(word));
    entered_ = {};
    return entered > tree_.count / 8;
  }

  const std::uint32_t* row_at(std::uint32_t at) const {
    return at < tree_.count ? graph_.row_of(tree_.nodes[at]) : nullptr;
  }
  void prefetch_ahead(std::uint32_t at) const {
    if (const std::uint32_t* row = row_at(at + kRowAhead)) __builtin_prefetch(row);
    if (const std::uint32_t* row = row_at(at + kEdgesAhead))
      __builtin_prefetch(graph_.edges_of(tree_.nodes[at + kEdgesAhead]) + row[0]);
    if (const std::uint32_t* row = row_at(at + kNumbersAhead)) {
      const Node* edges = graph_.edges_of(tree_.nodes[at + kNumbersAhead]);
      for (std::uint32_t i = row[0], end = std::min(row[1], row[0] + kMostNumbersAhead); i < end;
           ++i)
        if (edges[i] < graph_.node_count) __builtin_prefetch(&tree_.numbers[edges[i]], 1);
    }
  }

  const Graph& graph_;
  const Reachability* left_out_;
  SearchTree& tree_;
  std::vector<std::uint64_t> entered_;  // a bit for each number; empty once they were counted
};

}  // namespace

SearchTree grow_search_tree(const Graph& graph, Node root, const Reachability* left_out) {
  SearchTree tree{.count = 0,
                  .numbers = ReservedArray<std::uint32_t>(graph.node_count),
                  .nodes = ReservedArray<Node>(graph.node_count),
                  .parents = ReservedArray<std::uint32_t>(graph.node_count),
                  .leads_back = std::vector<std::uint64_t>(graph.node_count / 64 + std::size_t{1}),
                  .others = {},
                  .given_up = false};
  Growth(graph, left_out, tree).run(root);
  return tree;
}

}  // namespace goshawk::graph
