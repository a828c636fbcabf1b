// An array: every word that refers to it must lie where its type says slice, string or pointer to a
// value; what each of them uses is put together. One word of which that is not known (a stack, an
// object of unknown type, an unsafe.Pointer) and nothing is said of the array. A slice uses its
// length and could get at its capacity. A pointer to bytes is the beginning of who knows what.
//
// A map: buckets hang at the header, which counts the entries (runtime/map.go); groups hang at
// tables, each of which counts its own (internal/runtime/maps/table.go). What a map needs follows
// the load factors there: 6.5 entries a bucket of 8, 7 a group of 8, at most 1024 slots a table.
// Tables that are small are not seen, and count for nothing: a map has them while it is small.
//
// Channels and pools were read with the target (large_channels.h, pools.h); here they get names.
#include "goruntime/typing/fill_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "goruntime/types/place_in_type.h"

namespace goshawk::goruntime {
namespace {

using snapshot::ArrayFill;
using snapshot::Fill;
using snapshot::kNone;
using snapshot::MapFill;
using snapshot::ObjectId;
using snapshot::Snapshot;
using Around = TypeSightings::Around;

constexpr std::uint64_t kLeastUnusedBytes = 512;
constexpr std::uint64_t kSlotsAGroup = 8, kMostTableSlots = 1024;

// What a word is that refers to an array.
struct Place {
  enum class Use : std::uint8_t { kUntold, kSlice, kString, kPointer };
  Use use = Use::kUntold;
  std::uint64_t element_bytes = 0;
  std::uint32_t name = 0;  // in Fill::places
};

// [from, to) of an array, and where its capacity ends.
struct Part {
  std::uint64_t from = 0, to = 0, capacity_to = 0;
};

std::uint64_t bytes_of_union(std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges) {
  std::ranges::sort(ranges);
  std::uint64_t bytes = 0, end = 0;
  for (auto [from, to] : ranges) {
    bytes += to > std::max(from, end) ? to - std::max(from, end) : 0;
    end = std::max(end, to);
  }
  return bytes;
}

std::uint64_t needed_bucket_bytes(std::uint64_t entries, std::uint64_t bucket_bytes) {
  std::uint64_t buckets = 1;
  while (entries > 8 && buckets * 13 / 2 < entries) buckets *= 2;
  return buckets * bucket_bytes;
}

std::uint64_t needed_group_bytes(std::uint64_t entries, std::uint64_t group_bytes) {
  std::uint64_t slots = entries <= kSlotsAGroup ? kSlotsAGroup : (entries * 8 + 6) / 7;
  slots = slots <= kMostTableSlots
              ? std::bit_ceil(slots)
              : (slots + kMostTableSlots - 1) / kMostTableSlots * kMostTableSlots;
  return slots / kSlotsAGroup * group_bytes;
}

// "map[int]main.T values", and the way inside of one of them: of ".slots[...].elem.text" and
// ".elems[...].text" that is ".text".
std::string name_in_map(std::string_view entries, std::string& path) {
  constexpr std::string_view kEntries = " entries", kSlots = ".slots[...]";
  if (entries.ends_with(kEntries)) entries.remove_suffix(kEntries.size());
  bool is_key = path.starts_with(".keys[...]") || path.starts_with(".slots[...].key");
  std::size_t inside = path.find("[...]");
  if (path.starts_with(kSlots))
    path.erase(0, kSlots.size() + (is_key ? std::string_view(".key") : ".elem").size());
  else if (inside != std::string::npos)
    path.erase(0, inside + 5);
  return std::string(entries) + (is_key ? " keys" : " values");
}

class FillReader {
 public:
  FillReader(const Snapshot& picture, const TypeEvidence& evidence, Views& views, FillNames names,
             const ReservedArray<ViewId>& of_objects)
      : picture_(picture),
        evidence_(evidence),
        views_(views),
        types_(views.types()),
        variables_(names.variables),
        functions_(names.functions),
        of_objects_(of_objects) {}

  Fill read() {
    fill_.known = evidence_.sightings.around_complete;
    if (!fill_.known) return std::move(fill_);
    number_of("");
    find_slices();
    find_untold_roots();
    std::span<const Around> around = evidence_.sightings.around;
    std::span<const GlobalAround> globals = evidence_.around_globals;
    while (!around.empty() || !globals.empty()) {
      ObjectId array = std::min(first_target(around), first_target(globals));
      auto from_heap = take_those_of(array, around);
      read_array(array, from_heap, take_those_of(array, globals));
    }
    read_maps();
    keep_channels();
    for (const UsedPool& pool : evidence_.pools.pools) keep_pool(pool);
    return std::move(fill_);
  }

 private:
  using GlobalAround = TypeEvidence::GlobalAround;

  template <typename One>
  static ObjectId first_target(std::span<const One> all) {
    return all.empty() ? kNone : all.front().to;
  }
  template <typename One>
  static std::span<const One> take_those_of(ObjectId array, std::span<const One>& all) {
    std::size_t count = 0;
    while (count < all.size() && all[count].to == array) ++count;
    std::span<const One> taken = all.first(count);
    all = all.subspan(count);
    return taken;
  }

  // Who refers to it from outside of the heap and of global variables uses nobody knows how much.
  void find_untold_roots() {
    untold_.assign(picture_.objects.count() / 64 + std::size_t{1}, 0);
    auto set = [&](ObjectId object) { untold_[object / 64] |= std::uint64_t{1} << (object % 64); };
    for (const snapshot::Root& root : picture_.roots)
      if (root.kind != snapshot::RootKind::kGlobal) set(root.object);
    for (ObjectId object : picture_.goroutine_roots) set(object);
    for (ObjectId object : picture_.runtime_roots) set(object);
    for (ObjectId object : evidence_.with_finalizers) set(object);
    for (const auto& extra : picture_.references.extra) set(extra.to);
  }

  void find_slices() {
    for (const Around& one : evidence_.sightings.around)
      if (one.known) add_slice(place_of(one), one, one.from);
    for (const GlobalAround& one : evidence_.around_globals) {
      if (!one.known) continue;
      Place place = place_of(one);
      if (place.use == Place::Use::kUntold) place = guess_slice(one);
      add_slice(place, one, kNone);
    }
  }

  template <typename One>
  void add_slice(const Place& place, const One& word, ObjectId holder) {
    if (place.use != Place::Use::kSlice) return;
    auto [start, room] = room_of(word.to);
    if (part_of(place, word.value - start, word.next, word.after, room))
      fill_.slices.push_back({word.to, holder, place.name, word.next});
  }

  // The value's address behind a header of the allocator's, and its room.
  std::pair<std::uint64_t, std::uint64_t> room_of(ObjectId object) const {
    const snapshot::Span& span = picture_.objects.span_of(object);
    std::uint64_t header =
        evidence_.header_bytes[static_cast<std::size_t>(&span - picture_.objects.spans().data())];
    return {picture_.objects.address(object).value() + header, span.element_size_bytes - header};
  }

  // A variable of a stripped program: append() rounds a capacity up to what the slot has room for
  // (growslice in runtime/slice.go), so that a length, a capacity and an array which fit are one.
  Place guess_slice(const GlobalAround& word) {
    const View* view = view_of(word.to);
    if (view == nullptr || view->shape != Shape::kArray || view->size_bytes == 0) return {};
    auto [start, room] = room_of(word.to);
    bool fits =
        word.value == start && word.next <= word.after && word.after == room / view->size_bytes;
    if (!fits) return {};
    return {Place::Use::kSlice, view->size_bytes,
            number_of(fmt::format("a global at 0x{:x}", word.source.value()))};
  }

  const View* view_of(ObjectId object) const {
    return of_objects_[object] == kNoView ? nullptr : &views_[of_objects_[object]];
  }

  bool may_be_array(ObjectId object) const {
    if ((untold_[object / 64] >> (object % 64) & 1) != 0) return false;
    const View* view = view_of(object);
    if (view == nullptr) return picture_.objects.span_of(object).noscan;
    return view->shape == Shape::kArray || view->shape == Shape::kText;
  }

  void read_array(ObjectId array, std::span<const Around> around,
                  std::span<const GlobalAround> globals) {
    if (!may_be_array(array)) return;
    auto [start, room] = room_of(array);
    ArrayFill found{.array = array,
                    .holders = static_cast<std::uint32_t>(around.size() + globals.size()),
                    .read_only = true,
                    .room_bytes = room};
    used_.clear();
    reachable_.clear();
    std::optional<std::uint32_t> place;
    auto add = [&](const Place& at, std::uint64_t value, std::uint64_t next, std::uint64_t after,
                   ObjectId holder) {
      auto part = part_of(at, value - start, next, after, found.room_bytes);
      if (!part) return false;
      used_.emplace_back(part->from, part->to);
      reachable_.emplace_back(part->from, part->capacity_to);
      found.read_only &= at.use != Place::Use::kSlice;
      if (!place) {
        place = at.name;
        found.holder = holder;
      }
      return true;
    };
    for (const Around& one : around)
      if (!one.known || !add(place_of(one), one.value, one.next, one.after, one.from)) return;
    for (const GlobalAround& one : globals)
      if (!one.known || !add(place_of(one), one.value, one.next, one.after, kNone)) return;
    found.place = place.value_or(0);
    found.used_bytes = bytes_of_union(used_);
    found.reachable_bytes = bytes_of_union(reachable_);
    if (found.used_bytes < found.room_bytes / 2 &&
        found.room_bytes - found.used_bytes >= kLeastUnusedBytes)
      fill_.arrays.push_back(found);
  }

  // `offset` of where the word points to in the array.
  static std::optional<Part> part_of(const Place& place, std::uint64_t offset, std::uint64_t next,
                                     std::uint64_t after, std::uint64_t room) {
    if (offset > room) return std::nullopt;  // before its start, too
    std::uint64_t left = room - offset;
    switch (place.use) {
      case Place::Use::kSlice:
        if (after > left / place.element_bytes || next > after) return std::nullopt;
        return Part{offset, offset + next * place.element_bytes,
                    offset + after * place.element_bytes};
      case Place::Use::kString:
        if (next > left) return std::nullopt;
        return Part{offset, offset + next, offset + next};
      case Place::Use::kPointer:
        if (place.element_bytes > left) return std::nullopt;
        return Part{offset, offset + place.element_bytes, offset + place.element_bytes};
      case Place::Use::kUntold:
        return std::nullopt;
    }
    return std::nullopt;
  }

  Place place_of(const Around& around) {
    const View* view = view_of(around.from);
    if (view == nullptr || view->size_bytes == 0) return {};
    bool is_plain = view->shape == Shape::kValue || view->shape == Shape::kArray ||
                    view->shape == Shape::kMapStorage;
    std::uint64_t offset = std::uint64_t{around.word} * 8;
    if (view->repeats) offset %= view->size_bytes;
    if (!is_plain || offset >= view->size_bytes) return {};
    std::uint64_t key = std::uint64_t{of_objects_[around.from]} << 32 | offset;
    auto [known, is_new] = places_.try_emplace(key);
    if (is_new) {
      PlaceInType found = find_place(types_, view->type, offset);
      std::string name = types_.name(view->type);
      if (view->shape == Shape::kMapStorage)
        name = name_in_map(views_.name(of_objects_[around.from], nullptr), found.path);
      known->second = as_place(found, name);
    }
    return known->second;
  }

  Place place_of(const GlobalAround& around) {
    auto variable = variables_ == nullptr ? std::nullopt : variables_->find(around.source);
    return variable ? as_place(variables_->find_place(*variable), variable->name) : Place();
  }

  Place as_place(const PlaceInType& found, const std::string& name) {
    Place place;
    if (found.offset != 0) return place;
    if (found.kind == TypeKind::kSlice) place.use = Place::Use::kSlice;
    if (found.kind == TypeKind::kPointer) place.use = Place::Use::kPointer;
    if (found.kind == TypeKind::kString) place.use = Place::Use::kString;
    bool has_element = place.use == Place::Use::kSlice || place.use == Place::Use::kPointer;
    if (has_element) place.element_bytes = types_.size_bytes(found.element);
    std::uint64_t least = place.use == Place::Use::kPointer ? 2 : 1;
    if (has_element && place.element_bytes < least) return {};
    if (place.use != Place::Use::kUntold) place.name = number_of(name + found.path);
    return place;
  }

  std::uint32_t number_of(const std::string& name) {
    auto [known, is_new] =
        names_.try_emplace(name, static_cast<std::uint32_t>(fill_.places.size()));
    if (is_new) fill_.places.push_back(name);
    return known->second;
  }

  void read_maps() {
    std::unordered_map<ObjectId, MapFill> of_tables;
    std::map<ObjectId, MapFill> of_headers;
    for (const Around& around : evidence_.sightings.around) {
      const View* view = view_of(around.from);
      const View* storage = view_of(around.to);
      if (view == nullptr || storage == nullptr || storage->shape != Shape::kMapStorage) continue;
      std::uint64_t bytes = picture_.objects.size_bytes(around.to);
      if (!around.known) continue;
      if (view->shape == Shape::kMapTable) {
        MapFill& table = of_tables[around.from];
        table.entries = around.first & 0xffff;  // table.used
        table.table_bytes = bytes;
      } else if (view->shape == Shape::kMap) {
        MapFill& map = of_headers[around.from];
        map.header = around.from;
        map.entries = around.first;  // hmap.count, Map.used
        map.table_bytes += bytes;    // a map that is growing has two
      }
    }
    if (!of_tables.empty()) add_tables(of_tables, of_headers);
    for (auto& [header, map] : of_headers) {
      const View& view = views_[of_objects_[header]];
      std::uint64_t storage = types_.size_bytes(types_.map_storage(view.type));
      if (map.entries > map.table_bytes || storage == 0) continue;  // no number of entries
      map.needed_bytes = views_.is_swiss(view.type) ? needed_group_bytes(map.entries, storage)
                                                    : needed_bucket_bytes(map.entries, storage);
      fill_.maps.push_back(map);
    }
  }

  // Headers lead to directories, and these to tables, several times to one of them.
  void add_tables(const std::unordered_map<ObjectId, MapFill>& of_tables,
                  std::map<ObjectId, MapFill>& of_headers) {
    const snapshot::References& references = picture_.references;
    auto row = [&](ObjectId object) {
      return std::span(references.edges.data() + references.rows[object],
                       references.edges.data() + references.rows[object + 1]);
    };
    auto is_of = [&](ObjectId object, Shape shape) {
      const View* view = object < picture_.objects.row_count() ? view_of(object) : nullptr;
      return view != nullptr && view->shape == shape;
    };
    auto add = [&](ObjectId header, ObjectId directory) {
      ObjectId last = kNone;  // a table's entries of a directory lie side by side
      for (ObjectId table : row(directory)) {
        auto found = of_tables.find(table);
        if (table == std::exchange(last, table) || found == of_tables.end()) continue;
        MapFill& map = of_headers[header];
        map.header = header;
        map.entries += found->second.entries;
        map.table_bytes += found->second.table_bytes;
      }
    };
    for (const snapshot::Span& span : picture_.objects.spans()) {
      if (span.noscan) break;
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        if (is_of(object, Shape::kMap))
          for (ObjectId directory : row(object))
            if (is_of(directory, Shape::kMapDirectory)) add(object, directory);
    }
  }

  // Unless something else is said of what looks like one.
  void keep_channels() {
    for (const LargeChannel& one : evidence_.large_channels) {
      const View* view = view_of(one.fill.channel);
      if (view != nullptr && view->shape == Shape::kChannel && view->type == one.element)
        fill_.channels.push_back(one.fill);
    }
  }

  void keep_pool(const UsedPool& used) {
    snapshot::PoolFill& pool = fill_.pools.emplace_back(used.fill);
    pool.place = number_of(place_of_pool(pool.pool));
    if (!used.type.is_null()) pool.type = number_of(types_.name(used.type));
    FunctionId made_by = used.made_by.is_null() || functions_ == nullptr
                             ? kNoFunction
                             : functions_->find(used.made_by);
    if (made_by != kNoFunction) pool.made_by = number_of(std::string(functions_->name(made_by)));
  }

  // "main.buffers", "main.server.buffers"; "" where that cannot be told.
  std::string place_of_pool(Address pool) {
    std::string name;
    PlaceInType place;
    if (auto object = picture_.objects.find(pool)) {
      const View* view = view_of(*object);
      if (view == nullptr || view->shape != Shape::kValue) return "";
      const snapshot::Span& span = picture_.objects.span_of(*object);
      std::size_t index = static_cast<std::size_t>(&span - picture_.objects.spans().data());
      std::uint64_t header = evidence_.header_bytes[index];
      name = types_.name(view->type);
      place = find_place(types_, view->type, pool - picture_.objects.address(*object) - header);
    } else {
      auto variable = variables_ == nullptr ? std::nullopt : variables_->find(pool);
      if (!variable) return "";
      name = variable->name;
      place = variables_->find_place(*variable);
    }
    // What it begins with.
    constexpr std::string_view kFirst = ".local";
    if (place.path.ends_with(kFirst)) place.path.resize(place.path.size() - kFirst.size());
    return name + place.path;
  }

  const Snapshot& picture_;
  const TypeEvidence& evidence_;
  Views& views_;
  TypeReader& types_;
  GlobalVariables* variables_;
  const Functions* functions_;
  const ReservedArray<ViewId>& of_objects_;
  Fill fill_;
  std::vector<std::uint64_t> untold_;  // a bit for each object
  std::unordered_map<std::uint64_t, Place> places_;
  std::unordered_map<std::string, std::uint32_t> names_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> used_, reachable_;
};

}  // namespace

Fill read_fill(const Snapshot& picture, const TypeEvidence& evidence, Views& views, FillNames names,
               const ReservedArray<ViewId>& of_objects) {
  return FillReader(picture, evidence, views, names, of_objects).read();
}

}  // namespace goshawk::goruntime
