// Arrays in one place (a field of a type, a variable) are told together, those whose rest nobody
// can get at apart from those whose rest is only behind the length of a slice: what is kept for
// reuse looks like that. Maps are told one by one where much is wasted, else by type.
//
// A map is too large for what is in it when a new one with as many entries would need less than a
// quarter: growing doubles, so that half of it may be empty at any time.
#include "analyses/heap/waste.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "findings/heap_holders.h"

namespace goshawk::analyses::heap {

using findings::Confidence;
using findings::HeapFinding;
using snapshot::ArrayFill;
using snapshot::MapFill;
using snapshot::ObjectId;
using snapshot::Snapshot;

namespace {

constexpr std::uint64_t kLeastBytes = 64 << 10;  // of one finding
constexpr std::uint64_t kAloneBytes = 1 << 20;   // of one map
constexpr std::uint64_t kOversized = 4;
constexpr std::size_t kMostAlone = 32;
constexpr std::size_t kMostSteps = 64;  // from an array back to a pool

constexpr std::string_view kPinned = "heap/pinned-array", kOversizedMap = "heap/oversized-map";

struct Group {
  std::uint64_t count = 0, total = 0, used = 0, wasted = 0, entries = 0;
  ObjectId largest = snapshot::kNone;
  std::uint64_t most = 0;  // wasted by the largest

  void add(ObjectId object, std::uint64_t total_bytes, std::uint64_t used_bytes,
           std::uint64_t wasted_bytes) {
    ++count;
    total += total_bytes;
    used += used_bytes;
    wasted += wasted_bytes;
    if (largest == snapshot::kNone || wasted_bytes > most) {
      largest = object;
      most = wasted_bytes;
    }
  }
};

class WasteSearch {
 public:
  WasteSearch(const Snapshot& snapshot, const graph::Reachability& live, HolderPaths& paths)
      : snapshot_(snapshot), live_(live), paths_(paths) {
    for (const snapshot::PoolFill& pool : snapshot.fill.pools)
      for (ObjectId array : {pool.local, pool.victim})
        if (array != snapshot::kNone) pool_arrays_.push_back(array);
    std::ranges::sort(pool_arrays_);
  }

  std::vector<HeapFinding> find() {
    find_arrays();
    find_maps();
    std::ranges::stable_sort(found_, std::ranges::greater{}, [](const HeapFinding& one) {
      return one.finding.cost.retained_bytes.value_or(0);
    });
    return std::move(found_);
  }

 private:
  const std::string& type_of(ObjectId object) const {
    return snapshot_.types.names[snapshot_.types.of_objects[object]];
  }

  void find_arrays() {
    // By place, type, and whether the rest is lost to everybody.
    std::map<std::tuple<std::uint32_t, std::string, bool>, Group> groups;
    for (const ArrayFill& array : snapshot_.fill.arrays) {
      if (!live_.is_marked(array.array)) continue;
      std::uint64_t unused = array.room_bytes - array.used_bytes;
      std::uint64_t lost = array.room_bytes - array.reachable_bytes;
      bool pinned = lost >= unused / 2;
      if (!pinned && is_pooled(array.array)) continue;
      groups[{array.place, type_of(array.array), pinned}].add(
          array.array, array.room_bytes, array.used_bytes, pinned ? lost : unused);
    }
    for (const auto& [key, group] : groups) {
      const auto& [place, type, pinned] = key;
      HeapFinding* finding =
          add(kPinned, group, pinned ? Confidence::kLikely : Confidence::kSuspected,
              snapshot_.fill.places[place]);
      if (finding == nullptr) continue;
      finding->type = type;
      finding->path = paths_.path_to(group.largest);
      finding->finding.advice =
          pinned ? "keep a copy of the part (bytes.Clone, strings.Clone, slices.Clone) and let the "
                   "whole go"
                 : "if they are not kept to be filled again: a copy of what is used (slices.Clone, "
                   "bytes.Clone)";
    }
  }

  // What is on its way from a pool is kept to be filled again, and told as the pool's.
  bool is_pooled(ObjectId array) const {
    graph::Node at = array;
    for (std::size_t step = 0; step < kMostSteps && at < snapshot_.objects.count(); ++step) {
      if (std::ranges::binary_search(pool_arrays_, at)) return true;
      at = paths_.parent(at);
    }
    return false;
  }

  void find_maps() {
    std::vector<const MapFill*> wasteful;
    for (const MapFill& map : snapshot_.fill.maps)
      if (live_.is_marked(map.header) && map.needed_bytes < map.table_bytes / kOversized)
        wasteful.push_back(&map);
    std::ranges::stable_sort(wasteful, std::ranges::greater{}, [](const MapFill* map) {
      return map->table_bytes - map->needed_bytes;
    });
    std::map<std::string, Group> rest;
    for (std::size_t i = 0; i < wasteful.size(); ++i) {
      const MapFill& map = *wasteful[i];
      bool alone = i < kMostAlone && map.table_bytes - map.needed_bytes >= kAloneBytes;
      Group one;
      Group& group = alone ? one : rest[type_of(map.header)];
      group.add(map.header, map.table_bytes, map.needed_bytes, map.table_bytes - map.needed_bytes);
      group.entries += map.entries;
      if (alone) add_map(group);
    }
    for (const auto& [type, group] : rest) add_map(group);
  }

  void add_map(const Group& group) {
    HeapFinding* finding =
        add(kOversizedMap, group, Confidence::kSuspected, paths_.path_to(group.largest));
    if (finding == nullptr) return;
    finding->type = type_of(group.largest);
    finding->path = finding->place;
    finding->entries = group.entries;
    finding->finding.advice =
        "maps do not shrink: copy what is left into a new one after many were deleted";
  }

  // Nothing where it is not worth a line; valid until the next one.
  HeapFinding* add(std::string_view rule, const Group& group, Confidence confidence,
                   std::string place) {
    if (group.wasted < kLeastBytes) return nullptr;
    HeapFinding& added = found_.emplace_back();
    added.finding.rule = rule;
    added.finding.confidence = confidence;
    added.finding.count = group.count;
    added.finding.cost.retained_bytes = group.wasted;
    added.finding.fingerprint = findings::compute_holder_fingerprint(rule, place);
    added.place = std::move(place);
    added.total_bytes = group.total;
    added.used_bytes = group.used;
    added.address = snapshot_.objects.address(group.largest).value();
    return &added;
  }

  const Snapshot& snapshot_;
  const graph::Reachability& live_;
  HolderPaths& paths_;
  std::vector<ObjectId> pool_arrays_;
  std::vector<HeapFinding> found_;
};

}  // namespace

std::vector<HeapFinding> find_waste(const Snapshot& snapshot, const graph::Reachability& live,
                                    HolderPaths& paths) {
  return WasteSearch(snapshot, live, paths).find();
}

}  // namespace goshawk::analyses::heap
