// A map is the same map as long as its header has its address: Go's collector moves nothing. A
// slice's array changes when it grows, so slices are put together by where they stand; they grow
// when they are longer and not just more of them. Maps alike in one place are told together.
//
// What came of a type is shared out by who holds more of it than in the first picture; where such a
// one has a map, a slice or a type above it that grows, it came with that.
#include "analyses/heap/growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "findings/heap_holders.h"

namespace goshawk::analyses::heap {

using findings::Confidence;
using findings::HeapFinding;
using snapshot::MapFill;
using snapshot::ObjectId;
using snapshot::SliceFill;
using snapshot::Snapshot;

namespace {

constexpr std::string_view kMap = "heap/growing-map", kSlice = "heap/growing-slice",
                           kType = "heap/growing-type";
constexpr std::uint64_t kFewEntries = 16;
constexpr std::uint64_t kLeastShare = 400, kLeastBytes = 16 << 10;  // of the live heap, of a type
constexpr std::uint64_t kLargestSlotBytes = 32768;
constexpr std::size_t kMostMaps = 1 << 16;  // that are watched
constexpr std::size_t kMostContents = 3;
constexpr std::size_t kMostParts = 16;                        // of a type, by its holders
constexpr std::uint32_t kMostSteps = 1 << 16;                 // that a way is followed
constexpr std::string_view kGuessedPlace = "a global at 0x";  // goruntime/typing/fill_reader.cpp
constexpr double kSteadyShare = 0.25;  // of the mean rate, in the slowest interval

// Of objects of unknown type; not a type's name.
std::string name_unknown(std::uint64_t slot_bytes, bool has_pointers) {
  return fmt::format(" {}{}", slot_bytes, has_pointers ? "" : " noscan");
}

// As add_up_types() tells it.
std::string name_of(const Snapshot& snapshot, ObjectId object) {
  std::uint32_t type = snapshot.types.of_objects[object];
  if (type != snapshot::ObjectTypes::kUnknown) return snapshot.types.names[type];
  const snapshot::Span& span = snapshot.objects.span_of(object);
  std::uint64_t slot = span.element_size_bytes <= kLargestSlotBytes ? span.element_size_bytes : 0;
  return name_unknown(slot, !span.noscan);
}

std::string key_of(std::uint64_t address) { return fmt::format("{:016x}", address); }

bool is_live(const graph::Reachability& live, ObjectId object) {
  return object == snapshot::kNone || live.is_marked(object);
}

bool only_grows(const std::vector<std::uint64_t>& numbers) {
  // What it had not at first it may have had in small.
  auto seen = std::ranges::find_if(numbers, [](std::uint64_t number) { return number != 0; });
  return numbers.end() - seen > 1 &&
         std::ranges::adjacent_find(seen, numbers.end(), std::greater_equal()) == numbers.end();
}

std::uint64_t difference(const std::vector<std::uint64_t>& numbers) {
  return numbers.back() > numbers.front() ? numbers.back() - numbers.front() : 0;
}

}  // namespace

// Slices grow by becoming longer, not by becoming more; several that share an array are views of
// it.
bool Growth::Container::grew() const {
  if (!only_grows(counts)) return false;
  if (slices.empty()) return true;
  if (slices.back() > arrays.size()) return false;
  auto first = static_cast<std::size_t>(
      std::ranges::find_if(slices, [](std::uint64_t n) { return n != 0; }) - slices.begin());
  auto mean = [&](std::size_t picture) {
    return static_cast<double>(counts[picture]) / static_cast<double>(slices[picture]);
  };
  for (std::size_t i = first + 1; i < counts.size(); ++i)
    if (mean(i) <= mean(i - 1)) return false;
  double longer = (mean(counts.size() - 1) - mean(first)) * static_cast<double>(slices[first]);
  return 2 * longer >= static_cast<double>(counts.back() - counts[first]);
}

std::uint64_t Growth::Type::came_bytes() const { return difference(bytes); }

void Growth::add(double seconds, const Snapshot& snapshot, const graph::Reachability& live,
                 const findings::TypeTable& types, HeldHeap& held) {
  seconds_.push_back(seconds);
  live_bytes_ = types.total_bytes;
  add_maps(snapshot, live);
  add_slices(snapshot, live);
  add_types(types);
  keep_growing(maps_);
  keep_growing(slices_);
  if (seconds_.size() == 1) {
    first_ = list_held(snapshot, held);
    return;
  }
  group_containers(held.paths);
  find_parts(snapshot, held);
  find(snapshot, held.paths);
}

// With zeros for the pictures in which it was not seen.
Growth::Container& Growth::next_of(std::map<std::string, Container>& all,
                                   const std::string& key) const {
  Container& container = all[key];
  if (container.counts.empty()) container.counts.resize(seconds_.size() - 1);
  return container;
}

void Growth::add_maps(const Snapshot& snapshot, const graph::Reachability& live) {
  std::vector<const MapFill*> maps;
  for (const MapFill& map : snapshot.fill.maps)
    if (is_live(live, map.header)) maps.push_back(&map);
  for (auto& [type, entries] : map_entries_) entries.push_back(0);
  for (const MapFill* map : maps) {
    Numbers& all = map_entries_[snapshot.types.names[snapshot.types.of_objects[map->header]]];
    all.resize(seconds_.size());
    all.back() += map->entries;
  }
  if (maps.size() > kMostMaps) {
    std::ranges::nth_element(maps, maps.begin() + kMostMaps, std::ranges::greater(),
                             &MapFill::table_bytes);
    maps.resize(kMostMaps);
  }
  for (const MapFill* map : maps) {
    std::uint64_t address = snapshot.objects.address(map->header).value();
    const std::string& type = snapshot.types.names[snapshot.types.of_objects[map->header]];
    // Another type: another map, where the first one was.
    Container& container = next_of(maps_, key_of(address) + type);
    container.counts.push_back(map->entries);
    container.object = map->header;
    container.address = address;
    container.type = type;
  }
}

void Growth::add_slices(const Snapshot& snapshot, const graph::Reachability& live) {
  for (const SliceFill& slice : snapshot.fill.slices) {
    if (!is_live(live, slice.array) || !is_live(live, slice.holder)) continue;
    Container& container = next_of(slices_, snapshot.fill.places[slice.place]);
    if (container.counts.size() < seconds_.size()) {
      container.counts.push_back(0);
      container.slices.resize(seconds_.size());
      container.array_bytes.resize(seconds_.size());
      container.longest = 0;
      container.arrays.clear();
    }
    container.counts.back() += slice.length;
    ++container.slices.back();
    container.arrays.push_back(slice.array);
    if (slice.length < container.longest) continue;
    container.longest = slice.length;
    container.object = slice.array;
    container.address = snapshot.objects.address(slice.array).value();
    container.type = snapshot.types.names[snapshot.types.of_objects[slice.array]];
  }
  for (auto& [place, container] : slices_) {
    if (container.counts.size() != seconds_.size()) continue;
    std::vector<ObjectId>& arrays = container.arrays;
    std::ranges::sort(arrays);
    arrays.erase(std::ranges::unique(arrays).begin(), arrays.end());
    for (ObjectId array : arrays)
      container.array_bytes.back() += snapshot.objects.size_bytes(array);
  }
}

void Growth::add_types(const findings::TypeTable& types) {
  auto add = [&](const std::string& key, std::uint64_t objects, std::uint64_t bytes) {
    Type& type = types_[key];
    type.counts.resize(seconds_.size());
    type.bytes.resize(seconds_.size());
    type.counts.back() += objects;
    type.bytes.back() += bytes;
    return &type;
  };
  for (const findings::TypeCost& type : types.types)
    add(type.type, type.objects, type.bytes)->name = type.type;
  for (const findings::UnknownObjects& one : types.unknown)
    add(name_unknown(one.slot_bytes, one.has_pointers), one.objects, one.bytes)->slot_bytes =
        one.slot_bytes;
  for (auto& [name, type] : types_) {
    type.counts.resize(seconds_.size());
    type.bytes.resize(seconds_.size());
  }
}

void Growth::keep_growing(std::map<std::string, Container>& all) const {
  std::erase_if(all, [&](const auto& entry) {
    const Container& container = entry.second;
    if (container.counts.size() != seconds_.size()) return true;
    bool is_new = seconds_.size() == 1 || container.counts[seconds_.size() - 2] == 0;
    return !is_new && !container.grew();
  });
}

// Of thousands of maps that go up and down, a few only go up by chance.
bool Growth::is_chance(const std::string& type, const Numbers& counts) const {
  auto all = map_entries_.find(type);
  return all == map_entries_.end() || !only_grows(all->second) ||
         difference(counts) > 2 * difference(all->second);
}

// The tables of a map may grow though it has no more entries, where some are deleted and others
// added; that comes to an end.
bool Growth::is_told(const Type& type) const {
  return !is_inside_of_map(type.name) &&
         type.came_bytes() >= std::max(live_bytes_ / kLeastShare, kLeastBytes) &&
         (only_grows(type.counts) || only_grows(type.bytes));
}

void Growth::group_containers(HolderPaths& paths) {
  groups_.clear();
  group_of_object_.clear();
  std::map<std::string, std::size_t> by_place;
  auto add = [&](std::string_view rule, const std::string& place, const Container& one) {
    auto [known, is_new] = by_place.try_emplace(one.type + " " + place, groups_.size());
    if (is_new)
      groups_.push_back(
          {.rule = rule, .place = place, .type = one.type, .counts = Numbers(seconds_.size())});
    Group& group = groups_[known->second];
    for (std::size_t i = 0; i < seconds_.size(); ++i) group.counts[i] += one.counts[i];
    group.things += one.slices.empty() ? 1 : one.slices.back();
    if (group.address == 0 || one.counts.back() > group.most) {
      group.address = one.address;
      group.most = one.counts.back();
    }
    return known->second;
  };
  for (auto& [key, map] : maps_)
    if (map.grew()) group_of_object_[map.object] = add(kMap, paths.path_to(map.object), map);
  for (auto& [place, slices] : slices_) {
    bool is_guessed = place.starts_with(kGuessedPlace);
    bool needs_more = difference(slices.array_bytes) > 0;
    if (!slices.grew() || (is_guessed && !needs_more)) continue;  // a ring looks like that
    std::size_t group = add(kSlice, place, slices);
    groups_[group].may_be_likely = needs_more && !is_guessed;
    for (ObjectId array : slices.arrays) group_of_object_[array] = group;
  }
  for (Group& group : groups_)
    if (group.rule == kMap && is_chance(group.type, group.counts)) group.things = 0;
  std::erase_if(group_of_object_,
                [&](const auto& entry) { return groups_[entry.second].things == 0; });
}

// Who holds a group of the tree of dominators, by what is the same in another picture: an object
// that stands alone has its address there too.
std::string Growth::anchor_of(const Snapshot& snapshot, const HeldHeap& held,
                              std::uint32_t group) const {
  const std::vector<HolderGroup>& groups = held.groups.groups;
  for (std::uint32_t at = groups[group].parent; at != 0; at = groups[at].parent) {
    const HolderGroup& above = groups[at];
    bool is_object = above.node < snapshot.objects.count();
    if (is_object && above.alone) return key_of(snapshot.objects.address(above.node).value());
    if (groups[at].parent != 0 || above.kind.of != GroupKind::Of::kHolder) continue;
    if (!held.roots.goroutines_of(above.node).empty())
      return std::string(held.roots.function_of(above.node));
    auto objects = held.roots.held_by(above.node);
    if (!objects.empty())
      return key_of(held.roots.path_from(above.node, objects.front()).root.source.value());
  }
  return "";
}

Growth::HeldByAnchor Growth::list_held(const Snapshot& snapshot, const HeldHeap& held) const {
  HeldByAnchor result;
  const std::vector<HolderGroup>& groups = held.groups.groups;
  for (std::uint32_t index = 1; index < groups.size(); ++index) {
    const HolderGroup& group = groups[index];
    bool is_slot = group.kind.of == GroupKind::Of::kSlot;
    if (!is_slot && group.kind.of != GroupKind::Of::kType) continue;
    Held& one =
        result[is_slot ? name_unknown(group.kind.value, !group.kind.noscan)
                       : snapshot.types.names[group.kind.value]][anchor_of(snapshot, held, index)];
    one.objects += group.nodes;
    one.bytes += group.shallow_bytes;
    if (one.example != snapshot::kNone && group.shallow_bytes <= one.example_bytes) continue;
    one.example = group.node;
    one.example_bytes = group.shallow_bytes;
  }
  return result;
}

void Growth::find_parts(const Snapshot& snapshot, HeldHeap& held) {
  parts_.clear();
  HeldByAnchor now = list_held(snapshot, held);
  for (const auto& [name, type] : types_) {
    std::uint64_t objects = difference(type.counts), bytes = type.came_bytes();
    auto held_now = now.find(name);
    if (bytes == 0 || held_now == now.end()) continue;
    auto held_first = first_.find(name);
    std::vector<Part> parts;
    for (const auto& [anchor, one] : held_now->second) {
      Held before;
      if (held_first != first_.end())
        if (auto known = held_first->second.find(anchor); known != held_first->second.end())
          before = known->second;
      if (one.bytes <= before.bytes) continue;
      parts.push_back({.type = &type,
                       .objects = one.objects - std::min(one.objects, before.objects),
                       .bytes = one.bytes - before.bytes,
                       .example = one.example});
    }
    std::ranges::stable_sort(parts, std::ranges::greater(), &Part::bytes);
    if (parts.size() > kMostParts) parts.resize(kMostParts);
    // Together they are no more than what came of the type: what one got another may have lost.
    for (Part& part : parts) {
      part.objects = std::min(part.objects, objects);
      part.bytes = std::min(part.bytes, bytes);
      objects -= part.objects;
      bytes -= part.bytes;
      if (part.bytes > 0) parts_.push_back(part);
    }
  }
  for (Part& part : parts_) part.depth = depth_of(part.example, held.paths);
  for (Part& part : parts_) place(part, snapshot, held.paths);
}

std::uint32_t Growth::depth_of(graph::Node node, HolderPaths& paths) {
  std::uint32_t depth = 0;
  for (graph::Node above = paths.parent(node); depth < kMostSteps; above = paths.parent(node)) {
    if (above == node || above == graph::ShortestPaths::kNobody) break;
    node = above;
    ++depth;
  }
  return depth;
}

// By the way to one of them. Of types that grow, the one that is farther away came with the other.
void Growth::place(Part& part, const Snapshot& snapshot, HolderPaths& paths) const {
  graph::Node node = part.example;
  for (std::uint32_t steps = 0; steps < std::min(part.depth, kMostSteps); ++steps) {
    auto container = group_of_object_.find(node);
    if (container != group_of_object_.end()) {
      part.inside = &groups_[container->second];
      return;
    }
    node = paths.parent(node);
    if (node >= snapshot.objects.count()) return;
    auto above = types_.find(name_of(snapshot, node));
    if (above == types_.end() || &above->second == part.type || !is_told(above->second)) continue;
    const Part* main = main_part_of(above->second);
    if (main != nullptr && main->depth < part.depth) {
      part.with = &above->second;
      return;
    }
  }
  if (auto container = group_of_object_.find(node); container != group_of_object_.end())
    part.inside = &groups_[container->second];
}

const Growth::Part* Growth::main_part_of(const Type& type) const {
  auto found = std::ranges::find(parts_, &type, &Part::type);
  return found == parts_.end() ? nullptr : &*found;
}

// What it came with: each step leads to a type that is held nearer to who holds it.
const Growth::Part* Growth::root_of(const Part& part) const {
  const Part* at = &part;
  while (at->with != nullptr) {
    const Part* next = main_part_of(*at->with);
    if (next == nullptr || next->depth >= at->depth) break;
    at = next;
  }
  return at;
}

void Growth::find(const Snapshot& snapshot, HolderPaths& paths) {
  found_.clear();
  for (const Group& group : groups_)
    if (group.things > 0 && difference(group.counts) >= kFewEntries)
      found_.push_back(finding_of(group));
  for (const auto& [name, type] : types_) {
    const Part* main = is_told(type) ? main_part_of(type) : nullptr;
    if (main == nullptr || root_of(*main) != main || main->inside != nullptr) continue;
    HeapFinding found = finding_of(type);
    found.address = snapshot.objects.address(main->example).value();
    found.path = found.place = paths.path_to(main->example);
    found.finding.fingerprint =
        findings::compute_holder_fingerprint(kType, type.name + " " + found.path);
    found_.push_back(std::move(found));
  }
  std::ranges::stable_sort(found_, std::ranges::greater{}, [](const HeapFinding& one) {
    return one.finding.cost.retained_bytes.value_or(0);
  });
}

HeapFinding Growth::finding_of(const Group& group) const {
  HeapFinding found{
      .place = group.place, .type = group.type, .address = group.address, .path = group.place};
  found.finding.rule = group.rule;
  found.finding.count = group.things;
  if (group.rule == kMap) found.entries = group.counts.back();
  found.finding.fingerprint = findings::compute_holder_fingerprint(group.rule, group.place);
  found.finding.advice =
      group.rule == kMap
          ? "take out what is not needed any more (delete), or bound it: a cache with a size or an "
            "expiry"
          : "drop what was dealt with, or bound it; what goes to the end of a slice stays until "
            "the slice goes";
  add_growth(group.counts, group.may_be_likely, found);
  std::uint64_t bytes = 0;
  std::map<std::string, findings::TypeCost> came;
  for (const Part& part : parts_) {
    if (root_of(part)->inside != &group) continue;
    bytes += part.bytes;
    if (part.objects == 0 || is_inside_of_map(part.type->name) || part.type->name == group.type)
      continue;
    add_came(part, came);
  }
  list_came(came, found);
  found.finding.cost.retained_bytes = bytes;
  return found;
}

HeapFinding Growth::finding_of(const Type& type) const {
  HeapFinding found;
  found.type = type.name;
  found.slot_bytes = type.slot_bytes;
  found.finding.rule = kType;
  found.finding.count = difference(type.counts);
  found.finding.advice = "look at who holds them, and for the one that should let go";
  // Few of them that become larger: by their bytes.
  bool by_bytes = !only_grows(type.counts);
  if (by_bytes) found.finding.count = 0;
  add_growth(by_bytes ? type.bytes : type.counts, true, found);
  std::uint64_t bytes = 0;
  std::map<std::string, findings::TypeCost> came;
  for (const Part& part : parts_) {
    const Part* root = root_of(part);
    if (root->type != &type || root->inside != nullptr) continue;
    bytes += part.bytes;
    if (part.type != &type && part.objects > 0 && !is_inside_of_map(part.type->name))
      add_came(part, came);
  }
  list_came(came, found);
  found.finding.cost.retained_bytes = bytes;
  return found;
}

void Growth::add_came(const Part& part, std::map<std::string, findings::TypeCost>& came) {
  findings::TypeCost& sum = came[part.type->name];
  sum.type = part.type->name;
  sum.objects += part.objects;
  sum.bytes += part.bytes;
}

void Growth::list_came(const std::map<std::string, findings::TypeCost>& came, HeapFinding& found) {
  for (const auto& [name, sum] : came) found.came_with.push_back(sum);
  std::ranges::stable_sort(found.came_with, std::ranges::greater{}, &findings::TypeCost::bytes);
  if (found.came_with.size() > kMostContents) found.came_with.resize(kMostContents);
}

void Growth::add_growth(const Numbers& counts, bool may_be_likely, HeapFinding& found) const {
  found.finding.confidence =
      may_be_likely && is_steady(counts) ? Confidence::kLikely : Confidence::kSuspected;
  found.finding.growth.emplace();
  for (std::size_t i = 0; i < seconds_.size(); ++i)
    found.finding.growth->samples.push_back({seconds_[i], counts[i]});
}

bool Growth::is_steady(const Numbers& counts) const {
  if (seconds_.size() < kPicturesOfSteadyGrowth) return false;
  double mean = static_cast<double>(difference(counts)) / (seconds_.back() - seconds_.front());
  for (std::size_t i = 1; i < seconds_.size(); ++i) {
    auto came = static_cast<double>(counts[i] - counts[i - 1]);
    if (came < kSteadyShare * mean * (seconds_[i] - seconds_[i - 1])) return false;
  }
  return true;
}

}  // namespace goshawk::analyses::heap
