// An object has one handle, whatever weak pointers are made to it; they lead to the handle, and it
// to the object without holding it (runtime/mheap.go specialWeakHandle).
//
// Package unique keeps a map for each type, unique.uniqueMap[T]; what leads to it is an interface,
// so that its type is known in every program. The handles of its values are those that are reached
// from what is the map's alone, or belongs to the values' own cleanups (unique/handle.go,
// canonmap.go; since 1.25 each value has one that takes it out). Handles are small, two in a block,
// which maps may share with each other and with the program's own weak pointers.
//
// What the values hold is what is reached from them alone; up to 1.24 the map has a copy of each
// value, which shares all that it refers to with it.
#include "analyses/heap/weak_pointers.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "analyses/heap/live_objects.h"

namespace goshawk::analyses::heap {

using findings::UniqueLine;
using findings::WeakLine;
using snapshot::ObjectId;
using snapshot::References;
using snapshot::RootKind;
using snapshot::Snapshot;

namespace {

constexpr std::string_view kUniqueMap = "unique.uniqueMap[";

class Search {
 public:
  Search(const Snapshot& snapshot, const graph::Reachability& live)
      : snapshot_(snapshot), live_(live), is_of_unique_(snapshot.references.extra.size()) {}

  WeakPointers find() {
    WeakPointers found;
    std::vector<ObjectId> maps = find_unique_maps();
    if (!maps.empty()) found.unique = list_unique(maps);
    found.others = list_others();
    return found;
  }

 private:
  const std::vector<References::Extra>& handles() const { return snapshot_.references.extra; }
  const std::string& type_of(ObjectId object) const {
    return snapshot_.types.names[snapshot_.types.of_objects[object]];
  }

  std::vector<ObjectId> find_unique_maps() const {
    std::vector<ObjectId> maps;
    std::vector<bool> is_unique_map;
    for (const std::string& name : snapshot_.types.names)
      is_unique_map.push_back(name.starts_with(kUniqueMap) && name.ends_with(']'));
    if (std::ranges::find(is_unique_map, true) == is_unique_map.end()) return maps;
    for (const snapshot::Span& span : snapshot_.objects.spans())
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (is_unique_map[snapshot_.types.of_objects[object]] && live_.is_marked(object))
          maps.push_back(object);
    return maps;
  }

  std::vector<UniqueLine> list_unique(const std::vector<ObjectId>& maps) {
    std::vector<ObjectId> walls = maps;
    for (const References::Extra& handle : handles()) walls.push_back(handle.to);
    graph::Reachability without =
        mark_live_objects_not_behind(snapshot_, walls, RootKind::kCleanup);
    std::map<std::string, UniqueLine> lines;
    find_handles(maps, without, lines);
    add_up(maps, without, lines);
    std::vector<UniqueLine> sorted;
    for (auto& [type, line] : lines) sorted.push_back(std::move(line));
    std::ranges::stable_sort(sorted, std::ranges::greater{}, [](const UniqueLine& line) {
      return line.map_bytes + line.value_bytes;
    });
    return sorted;
  }

  UniqueLine& line_of(ObjectId map, std::map<std::string, UniqueLine>& lines) const {
    std::string_view name = type_of(map);
    name.remove_prefix(kUniqueMap.size());
    name.remove_suffix(1);
    UniqueLine& line = lines[std::string(name)];
    line.type = name;
    return line;
  }

  // A map's entry leads to its value's handle, or rather to the block that this lies in.
  struct Claim {
    ObjectId block = snapshot::kNone;
    UniqueLine* line = nullptr;
  };

  void find_handles(const std::vector<ObjectId>& maps, const graph::Reachability& without,
                    std::map<std::string, UniqueLine>& lines) {
    std::vector<Claim> claims;
    std::vector<bool> seen(snapshot_.objects.count());
    std::vector<ObjectId> work;
    for (ObjectId map : maps) {
      UniqueLine& line = line_of(map, lines);
      work.push_back(map);
      while (!work.empty()) {
        ObjectId object = work.back();
        work.pop_back();
        if (object >= snapshot_.objects.row_count()) continue;
        const References& references = snapshot_.references;
        for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at) {
          ObjectId to = references.edges[at];
          if (!handles_in(to).empty()) claims.push_back({to, &line});
          if (!seen[to] && !without.is_marked(to)) work.push_back(to);
          seen[to] = true;
        }
      }
    }
    std::ranges::stable_sort(claims, {}, &Claim::block);
    for (std::size_t first = 0, end = 0; first < claims.size(); first = end) {
      while (end < claims.size() && claims[end].block == claims[first].block) ++end;
      share_out(std::span(claims).subspan(first, end - first));
    }
  }

  std::span<const References::Extra> handles_in(ObjectId block) const {
    auto found = std::ranges::equal_range(handles(), block, {}, &References::Extra::from);
    return {found.begin(), found.end()};
  }

  // The handles in one block: by the types of their values, as far as these are known. What nobody
  // claims is the program's own.
  void share_out(std::span<Claim> claims) {
    std::span<const References::Extra> all = handles_in(claims.front().block);
    for (bool by_type : {true, false})
      for (const References::Extra& handle : all) {
        auto number = static_cast<std::size_t>(&handle - handles().data());
        if (is_of_unique_[number]) continue;
        auto claim = std::ranges::find_if(claims, [&](const Claim& one) {
          return one.line != nullptr && (!by_type || is_value_of(handle.to, *one.line));
        });
        if (claim == claims.end()) continue;
        is_of_unique_[number] = true;
        UniqueLine& line = *std::exchange(claim->line, nullptr);
        of_values_.emplace_back(handle.to, &line);
        ++line.handles;
        if (!live_.is_marked(handle.to)) ++line.unheld;
      }
  }

  // A map names its type with the whole path of its package.
  bool is_value_of(ObjectId value, const UniqueLine& line) const {
    const std::string& type = type_of(value);
    return !type.empty() && line.type.ends_with(type) &&
           (line.type.size() == type.size() ||
            line.type[line.type.size() - type.size() - 1] == '/');
  }

  // Values before the maps, and these before what cleanups add to them: each byte counts once.
  void add_up(const std::vector<ObjectId>& maps, const graph::Reachability& without,
              std::map<std::string, UniqueLine>& lines) {
    MoreReached more(snapshot_, without);
    std::ranges::sort(of_values_, {}, &OfValue::first);
    for (auto [value, line] : of_values_) {
      if (!live_.is_marked(value)) continue;
      line->value_bytes += snapshot_.objects.size_bytes(value) + more.reach_behind(value);
    }
    for (ObjectId map : maps)
      line_of(map, lines).map_bytes += snapshot_.objects.size_bytes(map) + more.reach_behind(map);
    for (const snapshot::Root& root : snapshot_.roots) {
      auto value = root.kind == RootKind::kCleanup ? snapshot_.objects.find(root.source)
                                                   : std::optional<ObjectId>();
      if (!value) continue;
      auto found = std::ranges::lower_bound(of_values_, *value, {}, &OfValue::first);
      if (found != of_values_.end() && found->first == *value)
        found->second->map_bytes += more.reach_from(std::array{root.object});
    }
  }

  std::vector<WeakLine> list_others() const {
    std::map<std::string, WeakLine> lines;
    for (std::size_t i = 0; i < handles().size(); ++i) {
      if (is_of_unique_[i] || !live_.is_marked(handles()[i].from)) continue;
      ObjectId object = handles()[i].to;
      WeakLine& line = lines[type_of(object)];
      ++line.objects;
      line.bytes += snapshot_.objects.size_bytes(object);
      if (!live_.is_marked(object)) ++line.unheld;
    }
    std::vector<WeakLine> sorted;
    for (auto& [type, line] : lines) {
      line.type = type;
      sorted.push_back(std::move(line));
    }
    std::ranges::stable_sort(sorted, std::ranges::greater{}, &WeakLine::bytes);
    return sorted;
  }

  const Snapshot& snapshot_;
  const graph::Reachability& live_;
  std::vector<bool> is_of_unique_;  // by handle
  using OfValue = std::pair<ObjectId, UniqueLine*>;
  std::vector<OfValue> of_values_;
};

}  // namespace

WeakPointers list_weak_pointers(const Snapshot& snapshot, const graph::Reachability& live) {
  if (snapshot.references.extra.empty()) return {};
  return Search(snapshot, live).find();
}

}  // namespace goshawk::analyses::heap
