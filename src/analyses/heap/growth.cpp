// A map is the same map as long as its header has its address: Go's collector moves nothing. A
// slice's array changes when it grows, so slices are put together by where they stand; they grow
// when they are longer and not just more of them. What came with a map's entries are the types that
// came and of which most hang below it.
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

}  // namespace

bool Growth::Series::grew() const {
  auto mean = [&](std::size_t picture) {
    return static_cast<double>(counts[picture]) / static_cast<double>(slices[picture]);
  };
  if (counts.size() == 1) return true;
  bool longer = slices.empty() || mean(counts.size() - 1) > mean(0);
  return longer && std::ranges::adjacent_find(counts, std::greater_equal()) == counts.end();
}

std::uint64_t Growth::Series::came_bytes() const {
  return bytes.back() > bytes.front() ? bytes.back() - bytes.front() : 0;
}

void Growth::add(double seconds, const Snapshot& snapshot, const graph::Reachability& live,
                 const findings::TypeTable& types, HeldHeap& held) {
  seconds_.push_back(seconds);
  live_bytes_ = types.total_bytes;
  add_maps(snapshot, live);
  add_slices(snapshot, live);
  add_types(types);
  keep_growing(maps_);
  keep_growing(slices_);
  if (seconds_.size() > 1) place_types(snapshot, held, tell_containers(snapshot, held.paths));
}

// Nothing where it was missing in an earlier picture.
Growth::Series* Growth::next_of(AllSeries& all, const std::string& key) const {
  if (seconds_.size() == 1) return &all[key];
  auto found = all.find(key);
  return found == all.end() ? nullptr : &found->second;
}

void Growth::add_maps(const Snapshot& snapshot, const graph::Reachability& live) {
  std::vector<const MapFill*> maps;
  for (const MapFill& map : snapshot.fill.maps)
    if (is_live(live, map.header)) maps.push_back(&map);
  if (seconds_.size() == 1 && maps.size() > kMostMaps) {
    std::ranges::nth_element(maps, maps.begin() + kMostMaps, std::ranges::greater(),
                             &MapFill::table_bytes);
    maps.resize(kMostMaps);
  }
  for (const MapFill* map : maps) {
    std::uint64_t address = snapshot.objects.address(map->header).value();
    Series* series = next_of(maps_, key_of(address));
    if (series == nullptr) continue;
    const std::string& type = snapshot.types.names[snapshot.types.of_objects[map->header]];
    // Another map, where the first one was.
    if (!series->counts.empty() && series->type != type) continue;
    series->counts.push_back(map->entries);
    series->object = map->header;
    series->address = address;
    series->type = type;
  }
}

void Growth::add_slices(const Snapshot& snapshot, const graph::Reachability& live) {
  for (const SliceFill& slice : snapshot.fill.slices) {
    if (!is_live(live, slice.array) || !is_live(live, slice.holder)) continue;
    Series* series = next_of(slices_, snapshot.fill.places[slice.place]);
    if (series == nullptr) continue;
    if (series->counts.size() < seconds_.size()) {
      series->counts.resize(seconds_.size());
      series->slices.resize(seconds_.size());
      series->longest = 0;
    }
    series->counts.back() += slice.length;
    ++series->slices.back();
    if (slice.length < series->longest) continue;
    series->longest = slice.length;
    series->object = slice.array;
    series->address = snapshot.objects.address(slice.array).value();
    series->type = snapshot.types.names[snapshot.types.of_objects[slice.array]];
  }
}

void Growth::add_types(const findings::TypeTable& types) {
  auto add = [&](const std::string& name, std::uint64_t objects, std::uint64_t bytes) {
    Series& series = types_[name];
    series.counts.resize(seconds_.size());
    series.bytes.resize(seconds_.size());
    series.counts.back() += objects;
    series.bytes.back() += bytes;
    return &series;
  };
  for (const findings::TypeCost& type : types.types)
    add(type.type, type.objects, type.bytes)->type = type.type;
  for (const findings::UnknownObjects& one : types.unknown)
    add(name_unknown(one.slot_bytes, one.has_pointers), one.objects, one.bytes)->slot_bytes =
        one.slot_bytes;
  for (auto& [name, series] : types_) {
    series.counts.resize(seconds_.size());
    series.bytes.resize(seconds_.size());
  }
}

void Growth::keep_growing(AllSeries& all) const {
  std::erase_if(all, [&](const auto& entry) {
    const Series& series = entry.second;
    return series.counts.size() != seconds_.size() || series.counts.empty() || !series.grew();
  });
}

Growth::Containers Growth::tell_containers(const Snapshot& snapshot, HolderPaths& paths) {
  Containers containers;
  for (auto& [key, map] : maps_) {
    map.path = paths.path_to(map.object);
    containers.emplace(map.object, &map);
  }
  for (auto& [place, slices] : slices_) slices.path = place;
  for (const SliceFill& slice : snapshot.fill.slices) {
    auto found = slices_.find(snapshot.fill.places[slice.place]);
    if (found != slices_.end()) containers.emplace(slice.array, &found->second);
  }
  return containers;
}

// By the largest group of its values that one holder has. Of types that grow the one that is held
// farther away came with the other.
void Growth::place_types(const Snapshot& snapshot, HeldHeap& held, const Containers& containers) {
  std::unordered_map<std::string, const HolderGroup*> largest;
  for (const HolderGroup& group : held.groups.groups) {
    bool is_slot = group.kind.of == GroupKind::Of::kSlot;
    if (!is_slot && group.kind.of != GroupKind::Of::kType) continue;
    const HolderGroup*& known = largest[is_slot ? name_unknown(group.kind.value, !group.kind.noscan)
                                                : snapshot.types.names[group.kind.value]];
    if (known == nullptr || known->shallow_bytes < group.shallow_bytes) known = &group;
  }
  for (auto& [name, series] : types_) {
    series.inside = nullptr;
    series.object = snapshot::kNone;
    auto found = largest.find(name);
    if (series.came_bytes() == 0 || found == largest.end()) continue;
    graph::Node node = found->second->node;
    series.object = node;
    series.address = snapshot.objects.address(node).value();
    series.path = held.paths.path_to(node);
    series.depth = 0;
    for (graph::Node above = held.paths.parent(node); above != node;
         above = held.paths.parent(node)) {
      if (above == graph::ShortestPaths::kNobody) break;
      node = above;
      ++series.depth;
    }
  }
  for (auto& [name, series] : types_)
    if (series.object != snapshot::kNone)
      series.inside = find_around(snapshot, held, containers, series);
}

const Growth::Series* Growth::find_around(const Snapshot& snapshot, HeldHeap& held,
                                          const Containers& containers, const Series& type) const {
  graph::Node node = type.object;
  for (std::uint32_t depth = type.depth; depth > 0; --depth) {
    auto container = containers.find(node);
    if (container != containers.end()) return container->second;
    node = held.paths.parent(node);
    if (node >= snapshot.objects.count()) return nullptr;
    auto above = types_.find(name_of(snapshot, node));
    if (above != types_.end() && &above->second != &type && above->second.depth < type.depth &&
        above->second.object != snapshot::kNone && is_told(above->second))
      return &above->second;
  }
  return nullptr;
}

// The tables of a map may grow though it has no more entries, where some are deleted and others
// added; that comes to an end.
bool Growth::is_told(const Series& type) const {
  return !is_inside_of_map(type.type) &&
         type.came_bytes() >= std::max(live_bytes_ / kLeastShare, kLeastBytes) && type.grew();
}

std::vector<HeapFinding> Growth::find() const {
  std::vector<HeapFinding> found;
  if (seconds_.size() < 2) return found;
  find_containers(kMap, maps_, found);
  find_containers(kSlice, slices_, found);
  find_types(found);
  std::ranges::stable_sort(found, std::ranges::greater{}, [](const HeapFinding& one) {
    return one.finding.cost.retained_bytes.value_or(0);
  });
  return found;
}

void Growth::find_containers(std::string_view rule, const AllSeries& all,
                             std::vector<HeapFinding>& found) const {
  for (const auto& [key, container] : all) {
    if (container.came() < kFewEntries) continue;
    HeapFinding& finding = found.emplace_back(finding_of(rule, container));
    if (rule == kMap) finding.entries = container.counts.back();
    if (rule == kSlice) finding.finding.count = container.slices.back();
    finding.finding.advice =
        rule == kMap ? "take out what is not needed any more (delete), or bound it: a cache with a "
                       "size or an expiry"
                     : "drop what was dealt with, or bound it; what goes to the end of a slice "
                       "stays until the slice goes";
  }
}

void Growth::find_types(std::vector<HeapFinding>& found) const {
  for (const auto& [name, type] : types_) {
    if (type.inside != nullptr || !is_told(type)) continue;
    HeapFinding& finding = found.emplace_back(finding_of(kType, type));
    finding.finding.count = type.came();
    finding.slot_bytes = type.slot_bytes;
    finding.finding.advice = "look at who holds them, and for the one that should let go";
  }
}

// What came below it, it itself too.
void Growth::add_what_came(const Series& below, HeapFinding& finding) const {
  std::uint64_t bytes = below.bytes.empty() ? 0 : below.came_bytes();
  for (const auto& [name, type] : types_) {
    const Series* around = type.inside;
    while (around != nullptr && around != &below) around = around->inside;
    if (around == nullptr) continue;
    bytes += type.came_bytes();
    if (type.counts.back() > type.counts.front() && !is_inside_of_map(type.type) &&
        type.type != below.type)
      finding.came_with.push_back({type.type, type.came(), type.came_bytes()});
  }
  std::ranges::stable_sort(finding.came_with, std::ranges::greater{}, &findings::TypeCost::bytes);
  if (finding.came_with.size() > kMostContents) finding.came_with.resize(kMostContents);
  finding.finding.cost.retained_bytes = bytes;
}

HeapFinding Growth::finding_of(std::string_view rule, const Series& series) const {
  HeapFinding finding{
      .place = series.path, .type = series.type, .address = series.address, .path = series.path};
  finding.finding.rule = rule;
  finding.finding.confidence = is_steady(series) ? Confidence::kLikely : Confidence::kSuspected;
  finding.finding.count = 1;
  finding.finding.growth.emplace();
  for (std::size_t i = 0; i < seconds_.size(); ++i)
    finding.finding.growth->samples.push_back({seconds_[i], series.counts[i]});
  add_what_came(series, finding);
  finding.finding.fingerprint = findings::compute_holder_fingerprint(
      rule, rule == kType ? series.type + " " + series.path : series.path);
  return finding;
}

bool Growth::is_steady(const Series& series) const {
  if (seconds_.size() < kPicturesOfSteadyGrowth) return false;
  double mean = static_cast<double>(series.came()) / (seconds_.back() - seconds_.front());
  for (std::size_t i = 1; i < seconds_.size(); ++i) {
    auto came = static_cast<double>(series.counts[i] - series.counts[i - 1]);
    if (came < kSteadyShare * mean * (seconds_[i] - seconds_[i - 1])) return false;
  }
  return true;
}

}  // namespace goshawk::analyses::heap
