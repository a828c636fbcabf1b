// The graph: the heap's objects and, above them, whoever holds them from outside (root_holders.h).
// What a node dominates is what would be freed if it let go. Of the tree of dominators only those
// nodes are kept that retain at least a hundredth of the live heap: there can be a hundred of them
// side by side, and however many one below the other (a linked list), which are passed over when
// the tree is told.
//
// A suspect is a node right below the root that retains a tenth of the live heap, and ten megabytes
// at least. From there its weight is followed downwards: as long as one child has four fifths of
// what the suspect has, that child is the holder in truth (a pointer to a struct with a map whose
// table has the entries). Where it spreads out is the accumulation point (so Eclipse Memory
// Analyzer names it).
#include "analyses/heap/holders.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/shortest_paths.h"

namespace goshawk::analyses::heap {

using findings::HeapHolder;
using findings::HeapHolders;
using findings::HeapSuspect;
using graph::Dominators;
using graph::Node;
using snapshot::ObjectId;
using snapshot::Snapshot;

namespace {

constexpr std::uint64_t kLargeShare = 100;         // a hundredth: worth a line
constexpr std::uint64_t kSuspectShare = 10;        // a tenth: worth a finding
constexpr std::uint64_t kSuspectBytes = 10 << 20;  // ... of no small heap
constexpr std::size_t kMostSteps = 32;             // to an accumulation point
constexpr std::uint32_t kMostDepth = 4;            // of the tree that is told
constexpr std::size_t kMostChildren = 5;           // of one holder in it
constexpr std::size_t kMostLines = 40;
constexpr std::size_t kMostPathObjects = 10;  // that are told one by one

// A node of the tree of dominators that retains much.
struct Large {
  std::uint32_t number = 0;
  std::uint32_t parent = 0;  // as an index of Large
  std::uint64_t retained_bytes = 0;
  std::vector<std::uint32_t> children;  // the largest first
};

class HolderSearch {
 public:
  HolderSearch(const Snapshot& snapshot, HolderTree tree, snapshot::PathDescriber* describer)
      : snapshot_(snapshot),
        describer_(describer),
        roots_(std::move(tree.roots)),
        dominators_(std::move(tree.dominators)) {}

  HeapHolders find() {
    HeapHolders result;
    {
      Dominators dominators = std::move(dominators_);  // let go before paths are looked for
      find_large(dominators, result);
    }
    find_paths();
    for (std::uint32_t child : large_.front().children) add_suspect(child, result);
    for (std::uint32_t child : large_.front().children) add_to_tree(child, 0, result.tree);
    return result;
  }

 private:
  // Numbers ascend from dominators to what they dominate: a parent is there before its children.
  void find_large(const Dominators& dominators, HeapHolders& result) {
    ReservedArray<std::uint64_t> bytes = sum_up(dominators, result);
    std::uint64_t least = std::max<std::uint64_t>(result.live_bytes / kLargeShare, 1);
    std::vector<std::uint32_t> large_of_number;  // of those that are large, ascending numbers
    for (std::uint32_t number = 0; number < dominators.count(); ++number) {
      if (number != 0 && bytes[number] < least) continue;
      auto parent = std::ranges::lower_bound(large_of_number, dominators.immediate(number));
      Large one{
          number, static_cast<std::uint32_t>(parent - large_of_number.begin()), bytes[number], {}};
      nodes_.push_back(dominators.node(number));
      if (number != 0)
        large_[one.parent].children.push_back(static_cast<std::uint32_t>(large_.size()));
      large_.push_back(std::move(one));
      large_of_number.push_back(number);
    }
    for (Large& one : large_)
      std::ranges::stable_sort(one.children, std::ranges::greater{},
                               [&](std::uint32_t i) { return large_[i].retained_bytes; });
    count_objects(dominators);
  }

  ReservedArray<std::uint64_t> sum_up(const Dominators& dominators, HeapHolders& result) const {
    ReservedArray<std::uint64_t> bytes(dominators.count());
    for (const snapshot::Span& span : snapshot_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object) {
        std::uint32_t number = dominators.number_of(object);
        if (number == Dominators::kUnreached || !snapshot_.objects.is_allocated(object)) continue;
        bytes[number] = span.element_size_bytes;
        result.live_bytes += span.element_size_bytes;
        ++result.live_objects;
      }
    dominators.add_up(bytes);
    return bytes;
  }

  // Each object counts for the nearest large node above it, and that one's for the next.
  void count_objects(const Dominators& dominators) {
    objects_.assign(large_.size(), 0);
    ReservedArray<std::uint32_t> nearest(dominators.count());
    std::uint32_t next = 0;
    for (std::uint32_t number = 0; number < dominators.count(); ++number) {
      bool is_large = next < large_.size() && large_[next].number == number;
      nearest[number] = is_large ? next++ : nearest[dominators.immediate(number)];
      if (dominators.node(number) < snapshot_.objects.count()) ++objects_[nearest[number]];
    }
    for (std::size_t i = large_.size(); i-- > 1;) objects_[large_[i].parent] += objects_[i];
  }

  // To whatever is told: from those who hold it from outside.
  void find_paths() {
    std::vector<Node> starts;
    for (Node holder = roots_.top(); holder-- > snapshot_.objects.count();)
      if (roots_.is_holder(holder)) starts.push_back(holder);
    std::ranges::reverse(starts);
    paths_.emplace(roots_.graph(), std::span<const graph::Edge>(), starts);
  }

  std::string path_to(Node node) {
    if (roots_.is_holder(node)) return roots_.describe(node, describer_);
    std::vector<Node> nodes = paths_->path_to(node);
    if (nodes.size() < 2) return "";
    snapshot::HoldingPath path = roots_.path_from(nodes[0], nodes[1]);
    path.objects.assign(nodes.begin() + 1, nodes.end());
    std::size_t more = path.objects.size() - std::min(path.objects.size(), kMostPathObjects);
    path.objects.resize(path.objects.size() - more);
    std::string text = describer_ == nullptr ? "" : describer_->describe(path);
    if (!text.empty() && more > 0) text += fmt::format(" ... {} steps more", more);
    return text.empty() ? roots_.describe(nodes[0], describer_) : text;
  }

  HeapHolder holder_of(std::uint32_t index, std::uint32_t depth) {
    Node node = nodes_[index];
    bool is_object = !roots_.is_holder(node);
    return {.path = path_to(node),
            .address = is_object ? snapshot_.objects.address(node).value() : 0,
            .shallow_bytes = is_object ? snapshot_.objects.size_bytes(node) : 0,
            .retained_bytes = large_[index].retained_bytes,
            .retained_objects = objects_[index],
            .depth = depth};
  }

  // Back to the top where it only goes on and on: it is a list then, held at its head.
  std::uint32_t accumulation_below(std::uint32_t suspect) const {
    std::uint64_t most = large_[suspect].retained_bytes / 5 * 4;
    std::uint32_t at = suspect;
    for (std::size_t step = 0; step < kMostSteps; ++step) {
      const std::vector<std::uint32_t>& children = large_[at].children;
      if (children.empty() || large_[children.front()].retained_bytes < most) return at;
      at = children.front();
    }
    return suspect;
  }

  void add_suspect(std::uint32_t index, HeapHolders& result) {
    std::uint64_t retained = large_[index].retained_bytes;
    if (retained < kSuspectBytes || retained < result.live_bytes / kSuspectShare) return;
    HeapSuspect suspect{.finding = {}, .holder = holder_of(index, 0), .accumulation = {}};
    suspect.accumulation = holder_of(accumulation_below(index), 0);
    findings::Finding& finding = suspect.finding;
    finding.rule = "heap/retained";
    finding.confidence = findings::Confidence::kSuspected;
    finding.count = objects_[index];
    finding.cost.retained_bytes = retained;
    finding.advice =
        "look for what is put there and never taken out; a later `goshawk heap` tells whether it "
        "grows";
    finding.fingerprint = findings::compute_holder_fingerprint(finding.rule, suspect.holder.path);
    result.suspects.push_back(std::move(suspect));
  }

  // A node with one child that has nearly all of what it has is passed over.
  void add_to_tree(std::uint32_t index, std::uint32_t depth, std::vector<HeapHolder>& tree) {
    if (tree.size() >= kMostLines || depth > kMostDepth) return;
    tree.push_back(holder_of(index, depth));
    std::uint32_t at = index;
    std::uint64_t most = large_[index].retained_bytes / 10 * 9;
    for (std::size_t step = 0; large_[at].children.size() == 1 &&
                               large_[large_[at].children.front()].retained_bytes >= most;
         ++step) {
      if (step == kMostSteps) return;  // a list: nothing but more of it is below
      at = large_[at].children.front();
    }
    std::size_t shown = std::min(large_[at].children.size(), kMostChildren);
    for (std::size_t i = 0; i < shown; ++i) add_to_tree(large_[at].children[i], depth + 1, tree);
  }

  const Snapshot& snapshot_;
  snapshot::PathDescriber* describer_;
  RootHolders roots_;
  Dominators dominators_;
  std::vector<Large> large_;            // the root first
  std::vector<Node> nodes_;             // of large_
  std::vector<std::uint64_t> objects_;  // of large_: how many each retains
  std::optional<graph::ShortestPaths> paths_;
};

}  // namespace

HolderTree::HolderTree(const Snapshot& snapshot)
    : roots(snapshot), dominators(roots.graph(), roots.top()) {}

HeapHolders find_holders(const Snapshot& snapshot, HolderTree tree,
                         snapshot::PathDescriber* describer) {
  return HolderSearch(snapshot, std::move(tree), describer).find();
}

HeapHolders find_holders(const Snapshot& snapshot, snapshot::PathDescriber* describer) {
  return find_holders(snapshot, HolderTree(snapshot), describer);
}

}  // namespace goshawk::analyses::heap
