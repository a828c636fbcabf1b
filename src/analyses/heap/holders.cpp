// The graph: the heap's objects and, above them, whoever holds them from outside (root_holders.h).
// What a node dominates is what would be freed if it let go; nodes that have little are told
// together with their like (holder_groups.h).
//
// A suspect is a node right below the root that retains a tenth of the live heap, and ten megabytes
// at least. From there its weight is followed downwards: as long as one child has four fifths of
// what the suspect has, that child is the holder in truth (a pointer to a struct with a map whose
// table has the entries). Where it spreads out is the accumulation point (so Eclipse Memory
// Analyzer names it).
#include "analyses/heap/holders.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "analyses/heap/allocated_in.h"
#include "analyses/heap/sharers.h"

namespace goshawk::analyses::heap {

using findings::HeapHolder;
using findings::HeapHolders;
using findings::HeapSuspect;
using graph::Dominators;
using snapshot::Snapshot;

namespace {

constexpr std::uint64_t kSuspectShare = 10;        // a tenth: worth a finding
constexpr std::uint64_t kSuspectBytes = 10 << 20;  // ... of no small heap
constexpr std::size_t kMostSteps = 32;             // to an accumulation point
constexpr std::uint32_t kMostDepth = 4;            // of the tree that is told
constexpr std::size_t kMostChildren = 5;           // of one holder in it
constexpr std::size_t kMostLines = 40;
constexpr std::size_t kMostContents = 3;  // of an accumulation point

class HolderSearch {
 public:
  HolderSearch(const Snapshot& snapshot, HeldHeap& held)
      : snapshot_(snapshot), held_(held), groups_(held.groups.groups), paths_(held.paths) {}

  HeapHolders find() {
    HeapHolders result;
    result.live_bytes = held_.groups.live_bytes;
    result.live_objects = held_.groups.live_objects;
    find_sharers_of_top();
    for (std::uint32_t child : groups_.front().children) add_suspect(child, result);
    for (std::uint32_t child : groups_.front().children) add_to_tree(child, 0, result.tree);
    result.parts = tell_parts();
    return result;
  }

 private:
  // Right below the root are those who hold from outside, and objects that several of these reach.
  bool is_shared(const HolderGroup& group) const {
    return group.parent == 0 && group.node < snapshot_.objects.count();
  }

  void find_sharers_of_top() {
    std::vector<graph::Node> shared;
    for (std::uint32_t child : groups_.front().children)
      if (is_shared(groups_[child])) shared.push_back(groups_[child].node);
    sharers_ = find_sharers(snapshot_, held_.roots, paths_, shared);
  }

  HeapHolder holder_of(const HolderGroup& group, std::uint32_t depth) {
    bool is_object = group.node < snapshot_.objects.count();
    HeapHolder holder{.count = group.nodes,
                      .is_chain = is_object && group.alone && group.nodes > 1,
                      .address = is_object && (group.alone || group.nodes == 1)
                                     ? snapshot_.objects.address(group.node).value()
                                     : 0,
                      .shallow_bytes = is_object ? group.shallow_bytes : 0,
                      .retained_bytes = group.retained_bytes,
                      .retained_objects = group.retained_objects,
                      .depth = depth};
    if (group.kind.of == GroupKind::Of::kSmallHolders) return holder;
    holder.path = paths_.path_to(group.node);
    holder.is_object = is_object;
    holder.is_plural = !is_object && held_.roots.is_plural(group.node);
    holder.is_shared = is_shared(group);
    if (holder.is_shared) holder.held_by = sharers_[group.node];
    if (group.kind.of == GroupKind::Of::kType)
      holder.type = snapshot_.types.names[group.kind.value];
    if (group.kind.of == GroupKind::Of::kSlot) {
      holder.slot_bytes = group.kind.value;
      if (group.alone || group.nodes == 1) holder.type = told_type_of(group.node);
    }
    return holder;
  }

  std::string told_type_of(graph::Node object) {
    bool may_ask = !snapshot_.types.were_read() && held_.describer != nullptr;
    return may_ask ? held_.describer->type_name(object) : "";
  }

  // A map is named by its header, not by its tables.
  std::uint32_t accumulation_below(std::uint32_t suspect) const {
    std::uint32_t at = spread_below(suspect);
    while (at != suspect && is_inside_of_map(groups_[at]) && groups_[groups_[at].parent].alone &&
           groups_[at].parent != 0)
      at = groups_[at].parent;
    return at;
  }

  // What spreads out there: of a map its entries, whatever is between.
  std::uint32_t contents_below(std::uint32_t accumulation) const {
    std::uint32_t at = accumulation;
    for (std::size_t step = 0; step < kMostSteps && !groups_[at].children.empty(); ++step) {
      std::uint32_t largest = groups_[at].children.front();
      bool has_most =
          groups_[largest].retained_bytes >= groups_[accumulation].retained_bytes / 5 * 4;
      if (!has_most || !is_inside_of_map(groups_[largest])) break;
      at = largest;
    }
    return at;
  }

  bool is_inside_of_map(const HolderGroup& group) const {
    return heap::is_inside_of_map(type_of(group));
  }

  std::string type_of(const HolderGroup& group) const {
    return group.kind.of == GroupKind::Of::kType ? snapshot_.types.names[group.kind.value] : "";
  }

  // Back to the top where it only goes on and on: it is a list then, held at its head.
  std::uint32_t spread_below(std::uint32_t suspect) const {
    std::uint64_t most = groups_[suspect].retained_bytes / 5 * 4;
    std::uint32_t at = suspect;
    for (std::size_t step = 0; step < kMostSteps; ++step) {
      const std::vector<std::uint32_t>& children = groups_[at].children;
      if (children.empty()) return at;
      const HolderGroup& largest = groups_[children.front()];
      if (!largest.alone || largest.retained_bytes < most) return at;
      at = children.front();
    }
    return suspect;
  }

  void add_suspect(std::uint32_t index, HeapHolders& result) {
    const HolderGroup& group = groups_[index];
    if (group.kind.of == GroupKind::Of::kSmallHolders || !group.alone) return;
    if (group.retained_bytes < kSuspectBytes ||
        group.retained_bytes < result.live_bytes / kSuspectShare)
      return;
    std::uint32_t spread = accumulation_below(index);
    const HolderGroup& accumulation = groups_[spread];
    const HolderGroup& inside = groups_[contents_below(spread)];
    HeapSuspect suspect{.finding = {},
                        .holder = holder_of(group, 0),
                        .accumulation = holder_of(accumulation, 0),
                        .contents = {}};
    for (std::uint32_t child : inside.children | std::views::take(kMostContents))
      suspect.contents.push_back(holder_of(groups_[child], 0));
    suspect.allocated_in = find_allocating_lines(snapshot_, held_.groups, index);
    suspect.entries = entries_of(accumulation.node);
    findings::Finding& finding = suspect.finding;
    finding.rule = "heap/retained";
    finding.confidence = findings::Confidence::kSuspected;
    finding.count = group.retained_objects;
    finding.cost.retained_bytes = group.retained_bytes;
    finding.advice =
        "look for what is put there and never taken out; `goshawk heap --samples 5 --every 1m` "
        "tells whether it grows";
    if (held_.roots.is_holder(group.node))
      for (std::uint32_t goroutine : held_.roots.goroutines_of(group.node))
        finding.goids.push_back(snapshot_.goroutines[goroutine].goid);
    finding.fingerprint = findings::compute_holder_fingerprint(finding.rule, suspect.holder.path);
    result.suspects.push_back(std::move(suspect));
  }

  std::optional<std::uint64_t> entries_of(graph::Node node) const {
    auto map = std::ranges::lower_bound(snapshot_.fill.maps, node, {}, &snapshot::MapFill::header);
    if (map == snapshot_.fill.maps.end() || map->header != node) return std::nullopt;
    return map->entries;
  }

  // One that stands alone, and has nearly all of what its holder has, is passed over.
  void add_to_tree(std::uint32_t index, std::uint32_t depth, std::vector<HeapHolder>& tree) {
    if (tree.size() >= kMostLines || depth > kMostDepth) return;
    tree.push_back(holder_of(groups_[index], depth));
    std::uint32_t at = index;
    std::uint64_t most = groups_[index].retained_bytes / 10 * 9;
    for (std::size_t step = 0; is_passed_over(at, most); ++step) {
      if (step == kMostSteps) return;  // a list: nothing but more of it is below
      at = groups_[at].children.front();
    }
    for (std::uint32_t child : groups_[at].children | std::views::take(kMostChildren))
      add_to_tree(child, depth + 1, tree);
  }

  bool is_passed_over(std::uint32_t at, std::uint64_t most) const {
    if (groups_[at].children.size() != 1) return false;
    const HolderGroup& only = groups_[groups_[at].children.front()];
    return only.alone && only.retained_bytes >= most;
  }

  std::vector<findings::HeldPart> tell_parts() const {
    std::vector<findings::HeldPart> parts;
    parts.reserve(groups_.size());
    for (const HolderGroup& group : groups_) {
      findings::HeldPart part{.parent = group.parent,
                              .name = type_of(group),
                              .is_object = group.node < snapshot_.objects.count(),
                              .objects = group.retained_objects,
                              .bytes = group.shallow_bytes};
      if (group.kind.of == GroupKind::Of::kHolder)
        part.name = held_.roots.describe(group.node, held_.describer);
      if (group.kind.of == GroupKind::Of::kSlot) part.slot_bytes = group.kind.value;
      if (!parts.empty()) parts[group.parent].objects -= group.retained_objects;
      parts.push_back(std::move(part));
    }
    return parts;
  }

  const Snapshot& snapshot_;
  HeldHeap& held_;
  const std::vector<HolderGroup>& groups_;  // the root first
  HolderPaths& paths_;
  std::map<graph::Node, std::vector<std::string>> sharers_;
};

// Dominators are large: let go before paths are looked for.
HolderGroups group_and_let_go(const Snapshot& snapshot, Dominators dominators) {
  return group_by_holder(snapshot, dominators);
}

}  // namespace

HolderTree::HolderTree(const Snapshot& snapshot, HolderChoice choice)
    : roots(snapshot, choice),
      dominators(roots.graph(), roots.top(), nullptr, Dominators::Lookup::kNone) {}

HeldHeap::HeldHeap(const Snapshot& snapshot, HolderTree tree, snapshot::PathDescriber* told_by)
    : roots(std::move(tree.roots)),
      describer(told_by),
      groups(group_and_let_go(snapshot, std::move(tree.dominators))),
      paths(snapshot, roots, describer) {}

HeapHolders find_holders(const Snapshot& snapshot, HeldHeap& held) {
  return HolderSearch(snapshot, held).find();
}

}  // namespace goshawk::analyses::heap
