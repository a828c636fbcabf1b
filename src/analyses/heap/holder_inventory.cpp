// The difference between two pictures must not be one between two instants: a goroutine that just
// uses what a variable holds would take it from the variable, for then none of them alone keeps it.
// So what global variables reach is theirs; what is left and main's stack reaches is main's; the
// rest is of all others. Each of the three has a tree of dominators of its own.
//
// Their groups (holder_groups.h) are put together where their words are the same: two stacks of one
// function, what stands alone and its like. So that a thing has the same place whatever its size, a
// map's inside counts as the map (one with more entries has more levels of it), and what is deeper
// than groups are sure to tell counts as the contents of its holder.
#include "analyses/heap/holder_inventory.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "analyses/heap/holder_groups.h"
#include "analyses/heap/holder_paths.h"
#include "graph/reachability.h"

namespace goshawk::analyses::heap {

using findings::HeldKind;
using graph::Dominators;
using graph::Node;
using snapshot::Snapshot;

namespace {

constexpr std::uint32_t kMostDepth = 8;     // below the whole heap; groups are told as deep as this
constexpr std::uint64_t kToldShare = 400;   // of the live heap, that is told how it is held
constexpr std::uint64_t kToldBytes = 8192;  // ... at least
// What RootHolders says of a variable without a symbol.
constexpr std::string_view kNamelessGlobal = "a global at 0x";

class Listing {
 public:
  Listing(const Snapshot& snapshot, snapshot::PathDescriber* describer)
      : snapshot_(snapshot), describer_(describer) {
    kinds_.push_back({});
    places_.push_back({});
  }

  // What these holders dominate.
  void add(const RootHolders& roots, Dominators dominators) {
    HolderGroups all = group_by_holder(snapshot_, dominators, SmallHolders::kApart);
    {
      Dominators let_go = std::move(dominators);  // before paths are looked for
    }
    live_bytes_ += all.live_bytes;
    std::vector<std::uint64_t> own_objects = compute_own_objects(all.groups);
    std::vector<std::uint32_t> place_of;
    std::size_t first = kinds_.size();
    for (const HolderGroup& group : all.groups) {
      std::uint64_t objects = own_objects[place_of.size()];
      place_of.push_back(place_of.empty() ? 0 : place_group(roots, group, place_of[group.parent]));
      findings::Amount& own = kinds_[place_of.back()].retained;
      own.bytes += group.shallow_bytes;
      own.objects += objects;
    }
    tell_paths(roots, first);
  }

  std::vector<HeldKind> take() {
    for (std::size_t i = kinds_.size(); i-- > 1;)
      kinds_[kinds_[i].parent].retained.add(kinds_[i].retained);
    return std::move(kinds_);
  }

 private:
  struct Place {
    std::uint32_t depth = 0;
    std::uint64_t largest_bytes = 0;  // of its groups
    Node largest = 0;                 // the first of that one
  };
  using Key = std::tuple<std::uint32_t, std::string, bool, std::uint64_t, bool, std::uint64_t>;

  std::uint32_t place_group(const RootHolders& roots, const HolderGroup& group,
                            std::uint32_t above) {
    if (group.retained_bytes == 0 || places_[above].depth >= kMostDepth ||
        is_inside_of(above, group))
      return above;
    std::uint32_t here = find_or_add(above, kind_of(roots, group));
    kinds_[here].count += group.nodes;
    if (places_[here].largest_bytes < group.retained_bytes) {
      places_[here].largest_bytes = group.retained_bytes;
      places_[here].largest = group.node;
    }
    return here;
  }

  // Of a map below its header; or more of the same, below something that counts as its inside.
  bool is_inside_of(std::uint32_t above, const HolderGroup& group) const {
    if (group.kind.of != GroupKind::Of::kType || !kinds_[above].is_object) return false;
    const std::string& type = snapshot_.types.names[group.kind.value];
    return is_inside_of_map(type) || type == kinds_[above].name;
  }

  HeldKind kind_of(const RootHolders& roots, const HolderGroup& group) const {
    HeldKind kind{.is_object = group.node < snapshot_.objects.count()};
    if (group.kind.of == GroupKind::Of::kType) {
      kind.name = snapshot_.types.names[group.kind.value];
    } else if (group.kind.of == GroupKind::Of::kSlot) {
      kind.slot_bytes = group.kind.value;
      kind.noscan = group.kind.noscan;
    } else {
      name_holder(roots, group.node, kind);
    }
    return kind;
  }

  void name_holder(const RootHolders& roots, Node holder, HeldKind& kind) const {
    kind.path = roots.describe(holder, describer_);
    kind.name = kind.path;
    if (!roots.goroutines_of(holder).empty()) {
      kind.name = "stacks of goroutines";
      if (std::string_view function = roots.function_of(holder); !function.empty())
        kind.name += " in " + std::string(function);
    } else if (kind.name.starts_with(kNamelessGlobal)) {
      kind.name = "global variables without a name";
      kind.address = roots.path_from(holder, roots.held_by(holder).front()).root.source.value();
    }
  }

  std::uint32_t find_or_add(std::uint32_t above, HeldKind kind) {
    auto next = static_cast<std::uint32_t>(kinds_.size());
    auto [found, is_new] = by_key_.try_emplace(
        Key{above, kind.name, kind.is_object, kind.slot_bytes, kind.noscan, kind.address}, next);
    if (is_new) {
      kind.parent = above;
      kinds_.push_back(std::move(kind));
      places_.push_back({.depth = places_[above].depth + 1});
    }
    return found->second;
  }

  // What of each group no group below it has.
  static std::vector<std::uint64_t> compute_own_objects(const std::vector<HolderGroup>& groups) {
    std::vector<std::uint64_t> own;
    own.reserve(groups.size());
    for (const HolderGroup& group : groups) {
      own.push_back(group.retained_objects);
      if (own.size() > 1) own[group.parent] -= group.retained_objects;
    }
    return own;
  }

  void tell_paths(const RootHolders& roots, std::size_t first) {
    if (describer_ == nullptr) return;
    std::uint64_t least = std::max(live_bytes_ / kToldShare, kToldBytes);
    std::optional<HolderPaths> paths;
    for (std::size_t i = first; i < kinds_.size(); ++i) {
      if (!kinds_[i].is_object || places_[i].largest_bytes < least) continue;
      if (!paths) paths.emplace(snapshot_, roots, describer_);
      kinds_[i].path = paths->path_to(places_[i].largest);
    }
  }

  const Snapshot& snapshot_;
  snapshot::PathDescriber* describer_;
  std::uint64_t live_bytes_ = 0;
  std::vector<HeldKind> kinds_;
  std::vector<Place> places_;  // of kinds
  std::map<Key, std::uint32_t> by_key_;
};

void add_held(const Snapshot& snapshot, const RootHolders& roots, std::vector<Node>& held) {
  for (Node holder = snapshot.objects.count(); holder < roots.top(); ++holder)
    held.insert(held.end(), roots.held_by(holder).begin(), roots.held_by(holder).end());
}

}  // namespace

std::vector<HeldKind> list_held_kinds(const Snapshot& snapshot, HolderTree globals,
                                      snapshot::PathDescriber* describer) {
  Listing listing(snapshot, describer);
  std::vector<Node> held;
  add_held(snapshot, globals.roots, held);
  listing.add(globals.roots, std::move(globals.dominators));
  for (HolderChoice choice : {HolderChoice::kMainGoroutine, HolderChoice::kOthers}) {
    RootHolders roots(snapshot, choice);
    graph::Reachability held_already(roots.graph());
    held_already.mark_from(held);
    listing.add(roots,
                Dominators(roots.graph(), roots.top(), &held_already, Dominators::Lookup::kNone));
    add_held(snapshot, roots, held);
  }
  return listing.take();
}

}  // namespace goshawk::analyses::heap
