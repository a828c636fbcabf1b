// One pass over the tree of dominators from its top: each node goes to the group of its like below
// its holder's group. A node stands alone if it retains at least a hundredth of the live heap, and
// a quarter of what its holder does: there can be few of them side by side. Of one type below the
// other (a linked list, a tree, a map's tables) they are one group. What is too deep for a reader,
// or the one group too many, counts as the contents of its holder.
#include "analyses/heap/holder_groups.h"

#include <algorithm>
#include <bit>
#include <map>

namespace goshawk::analyses::heap {

using graph::Dominators;
using snapshot::ObjectId;
using snapshot::ObjectTypes;
using snapshot::Snapshot;

namespace {

constexpr std::uint64_t kLargeShare = 100;  // a hundredth: worth a line
constexpr std::uint64_t kShareOfHolder = 4;
constexpr std::uint32_t kMostDepth = 256;  // of groups below each other
constexpr std::uint64_t kMany = 64;        // of one group
constexpr std::uint32_t kMostMerged = 8;   // ... of which none stands alone
constexpr std::size_t kMostGroups = 1 << 18;
constexpr std::uint64_t kLargestSlotBytes = 32768;
constexpr std::uint32_t kNone = 0xffffffff;
constexpr std::uint32_t kAhead = 24;  // numbers; what is needed of them is fetched meanwhile

// While a node waits for its group its kind stands in the place, as a number.
constexpr std::uint32_t kSlotBit = 1u << 31, kNoscanBit = 1u << 30;

// Of no kind is what is referred to and not allocated: a pointer that was left behind.
GroupKind unpack(std::uint32_t kind) {
  if (kind == ObjectTypes::kUnknown) return {.of = GroupKind::Of::kSlot, .value = 0};
  if ((kind & kSlotBit) == 0) return {.of = GroupKind::Of::kType, .value = kind};
  return {.of = GroupKind::Of::kSlot,
          .noscan = (kind & kNoscanBit) != 0,
          .value = kind & (kNoscanBit - 1)};
}

std::uint32_t slot_kind(std::uint64_t size_bytes, bool noscan) {
  auto bytes = static_cast<std::uint32_t>(size_bytes <= kLargestSlotBytes ? size_bytes : 0);
  return kSlotBit | (noscan ? kNoscanBit : 0) | bytes;
}

// The slots of allocated objects, without a search: a byte for each says of which kind its is.
class ObjectSlots {
 public:
  struct Slot {
    std::uint64_t size_bytes = 0;
    bool noscan = false;
    auto operator<=>(const Slot&) const = default;
  };

  explicit ObjectSlots(const snapshot::Objects& objects)
      : objects_(objects), kinds_of_(objects.count()), kinds_(1) {
    std::map<Slot, std::uint8_t> known;
    for (const snapshot::Span& span : objects.spans()) {
      std::uint8_t kind = find_kind({span.element_size_bytes, span.noscan}, known);
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (objects.is_allocated(object)) kinds_of_[object] = kind;
    }
  }

  // nullptr: no object, or none that is allocated. Until the next call.
  const Slot* find(std::uint32_t object) {
    std::uint8_t kind = object < objects_.count() ? kinds_of_[object] : 0;
    if (kind == 0) return nullptr;
    if (kind != kOther) return &kinds_[kind];
    const snapshot::Span& span = objects_.span_of(object);
    return &(other_ = {span.element_size_bytes, span.noscan});
  }
  void prefetch(std::uint32_t object) const {
    if (object < objects_.count()) __builtin_prefetch(&kinds_of_[object]);
  }

 private:
  static constexpr std::uint8_t kOther = 255;  // one of the many sizes of large objects

  std::uint8_t find_kind(Slot slot, std::map<Slot, std::uint8_t>& known) {
    if (slot.size_bytes > kLargestSlotBytes || kinds_.size() >= kOther) return kOther;
    auto [kind, is_new] = known.try_emplace(slot, static_cast<std::uint8_t>(kinds_.size()));
    if (is_new) kinds_.push_back(slot);
    return kind->second;
  }

  const snapshot::Objects& objects_;
  ReservedArray<std::uint8_t> kinds_of_;
  std::vector<Slot> kinds_;
  Slot other_;
};

class Grouping {
 public:
  Grouping(const Snapshot& snapshot, const Dominators& dominators, SmallHolders small)
      : snapshot_(snapshot), dominators_(dominators), small_(small) {}

  HolderGroups make() {
    read_objects();
    dominators_.add_up(bytes_);
    least_ = std::max<std::uint64_t>(result_.live_bytes / kLargeShare, 1);
    result_.groups.push_back({.kind = {},
                              .alone = true,
                              .node = dominators_.node(0),
                              .nodes = 1,
                              .shallow_bytes = result_.live_bytes,
                              .retained_bytes = result_.live_bytes,
                              .children = {}});
    places_.push_back({});
    places_of_[0] = 0;
    for (std::uint32_t number = 1; number < dominators_.count(); ++number) place(number);
    add_up_objects();
    list_children();
    find_groups_of_sampled();
    return std::move(result_);
  }

 private:
  // Of each group, for the pass only.
  struct Place {
    std::uint32_t depth = 0, merged_depth = 0;
    std::uint32_t last_child = kNone;  // most often the next one's group too
  };

  // By number: what is needed of each node lies far apart in memory.
  void read_objects() {
    bytes_ = ReservedArray<std::uint64_t>(dominators_.count());
    places_of_ = ReservedArray<std::uint32_t>(dominators_.count());
    ObjectSlots slots(snapshot_.objects);
    bool typed = snapshot_.types.were_read();
    for (std::uint32_t number = 0; number < dominators_.count(); ++number) {
      if (number + kAhead < dominators_.count()) {
        ObjectId ahead = dominators_.node(number + kAhead);
        slots.prefetch(ahead);
        if (typed && ahead < snapshot_.objects.count())
          __builtin_prefetch(&snapshot_.types.of_objects[ahead]);
      }
      ObjectId object = dominators_.node(number);
      const ObjectSlots::Slot* slot = slots.find(object);
      if (slot == nullptr) continue;
      bytes_[number] = slot->size_bytes;
      std::uint32_t type = typed ? snapshot_.types.of_objects[object] : ObjectTypes::kUnknown;
      places_of_[number] =
          type == ObjectTypes::kUnknown ? slot_kind(slot->size_bytes, slot->noscan) : type;
      result_.live_bytes += slot->size_bytes;
      ++result_.live_objects;
    }
  }

  GroupKind kind_of(std::uint32_t number, bool large) const {
    graph::Node node = dominators_.node(number);
    if (node < snapshot_.objects.count()) return unpack(places_of_[number]);
    if (!large && small_ == SmallHolders::kTogether) return {.of = GroupKind::Of::kSmallHolders};
    return {.of = GroupKind::Of::kHolder, .value = node};
  }

  bool stands_alone(std::uint32_t number, std::uint32_t above) const {
    if (bytes_[number] < least_ || !result_.groups[above].alone) return false;
    std::uint32_t holder = dominators_.immediate(number);
    return holder == 0 || bytes_[number] >= bytes_[holder] / kShareOfHolder;
  }

  void place(std::uint32_t number) {
    std::uint32_t above = places_of_[dominators_.immediate(number)];
    bool large = stands_alone(number, above);
    GroupKind kind = kind_of(number, large);
    std::uint32_t index = find_group(above, kind, large);
    HolderGroup& group = result_.groups[index];
    if (group.kind == kind) ++group.nodes;
    bool is_first = group.kind == kind && group.nodes == 1;
    // From the second half: the first ones may be others than those that make it large.
    bool is_later = !group.alone && group.nodes >= kMany && std::has_single_bit(group.nodes);
    if (is_first || (index != above && is_later)) group.node = dominators_.node(number);
    if (index != above) group.retained_bytes += bytes_[number];
    if (places_of_[number] != 0) ++group.retained_objects;
    // What a node retains is its own, and what those retain that it dominates directly.
    group.shallow_bytes += bytes_[number];
    result_.groups[above].shallow_bytes -= bytes_[number];
    places_of_[number] = index;
  }

  std::uint32_t find_group(std::uint32_t above, GroupKind kind, bool large) {
    const HolderGroup& holder = result_.groups[above];
    Place place = places_[above];
    bool one_of_them = holder.kind == kind && (!large || kind.of == GroupKind::Of::kType);
    if (one_of_them || place.depth >= kMostDepth || (!large && place.merged_depth >= kMostMerged))
      return above;
    if (large) return add(above, kind, true);
    if (place.last_child != kNone && result_.groups[place.last_child].kind == kind)
      return place.last_child;
    auto [known, is_new] = merged_.try_emplace({above, kind}, kNone);
    if (is_new) known->second = add(above, kind, false);
    if (known->second != above) places_[above].last_child = known->second;
    return known->second;
  }

  std::uint32_t add(std::uint32_t above, GroupKind kind, bool alone) {
    if (result_.groups.size() >= kMostGroups && !alone) return above;
    result_.groups.push_back({.kind = kind, .alone = alone, .parent = above, .children = {}});
    places_.push_back({.depth = places_[above].depth + 1,
                       .merged_depth = alone ? 0 : places_[above].merged_depth + 1});
    return static_cast<std::uint32_t>(result_.groups.size() - 1);
  }

  void add_up_objects() {
    for (std::size_t i = result_.groups.size(); i-- > 1;)
      result_.groups[result_.groups[i].parent].retained_objects +=
          result_.groups[i].retained_objects;
  }

  // They are few, and a search by node would want an array of all of them.
  void find_groups_of_sampled() {
    const auto& sampled = snapshot_.allocations.sampled;
    result_.of_sampled.assign(sampled.size(), HolderGroups::kNoGroup);
    if (sampled.empty()) return;
    std::vector<std::uint64_t> is_sampled(snapshot_.objects.count() / 64 + std::size_t{1});
    std::multimap<ObjectId, std::size_t> which;
    for (std::size_t i = 0; i < sampled.size(); ++i) {
      is_sampled[sampled[i].object / 64] |= std::uint64_t{1} << (sampled[i].object % 64);
      which.emplace(sampled[i].object, i);
    }
    for (std::uint32_t number = 0; number < dominators_.count(); ++number) {
      ObjectId object = dominators_.node(number);
      if (object >= snapshot_.objects.count() ||
          (is_sampled[object / 64] >> (object % 64) & 1) == 0)
        continue;
      auto [first, last] = which.equal_range(object);
      for (; first != last; ++first) result_.of_sampled[first->second] = places_of_[number];
    }
  }

  void list_children() {
    std::vector<HolderGroup>& groups = result_.groups;
    for (std::uint32_t i = 1; i < groups.size(); ++i)
      if (groups[i].retained_bytes >= least_) groups[groups[i].parent].children.push_back(i);
    for (HolderGroup& group : groups)
      std::ranges::stable_sort(group.children, std::ranges::greater{},
                               [&](std::uint32_t i) { return groups[i].retained_bytes; });
  }

  const Snapshot& snapshot_;
  const Dominators& dominators_;
  SmallHolders small_;
  HolderGroups result_;
  std::uint64_t least_ = 1;
  ReservedArray<std::uint64_t> bytes_;      // by number: what each retains
  ReservedArray<std::uint32_t> places_of_;  // by number: its kind, then its group
  std::vector<Place> places_;               // by group
  std::map<std::pair<std::uint32_t, GroupKind>, std::uint32_t> merged_;
};

}  // namespace

HolderGroups group_by_holder(const Snapshot& snapshot, const Dominators& dominators,
                             SmallHolders small) {
  return Grouping(snapshot, dominators, small).make();
}

bool is_inside_of_map(std::string_view type) {
  return type.ends_with(" entries") || type == "maps.table" || type == "[]*maps.table";
}

}  // namespace goshawk::analyses::heap
