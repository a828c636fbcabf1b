// Whatever the heap holds was allocated as a value of a type that the program describes (but for
// types that reflection makes), or as several, or as a part of a map. So all that an object can be
// is tried on it: it must fill the slot, have pointers where the object has, each to something that
// fits there, and on the path what it leads to must again be what lies there, to the channel at the
// end, which says itself of what it is. Of several that fit, none is told; nor of what could be an
// array of pointers, slices, strings or interfaces, which need no description of their own.
//
// What says nothing is taken as fitting: pointers into the middle, code. Not an unsafe pointer that
// leads on along the path: what may lead to anything tells nothing.
#include "goruntime/typing/path_types.h"

#include <algorithm>
#include <utility>

#include "goruntime/facts/heap_bitmap.h"
#include "goruntime/facts/size_class.h"
#include "goruntime/types/place_in_type.h"

namespace goshawk::goruntime {
namespace {

using snapshot::ObjectId;
using snapshot::Wait;

constexpr std::uint64_t kMostWords = 1024;       // of an object that are looked at
constexpr std::uint64_t kMostTried = 2'000'000;  // on objects of all paths: about a second
constexpr std::size_t kMostToCompare = 64;       // things that an object may be
constexpr std::uint64_t kMostLength = std::uint64_t{1} << 40;  // of a slice or string
constexpr std::size_t kDirectoryLengthWord = 3;  // in maps.Map: 0 says that dirPtr is a group

}  // namespace

PathTypes::PathTypes(const target::Memory& memory, PathFacts facts,
                     const snapshot::Snapshot& picture, std::span<const std::uint8_t> header_bytes,
                     TypeReader& types)
    : memory_(memory),
      facts_(std::move(facts)),
      picture_(picture),
      header_bytes_(header_bytes),
      types_(types),
      catalog_(memory, types),
      views_(types, catalog_),
      cache_(memory),
      maps_(catalog_.maps()) {
  for (Address type : catalog_.structs())
    if (types.pointer_bytes(type) > 0 && is_allocated_alone(type))
      structs_.emplace_back(types.size_bytes(type), type);
  std::ranges::sort(structs_);
  for (const Wait& wait : picture.waits)
    if (wait.object != snapshot::kNone && is_of_channel(wait.operation))
      channels_.push_back(wait.object);
  std::ranges::sort(channels_);
}

// Not what the compiler makes of closures, which say by their code what they are, nor the slots of
// maps, which are parts of their storage.
bool PathTypes::is_allocated_alone(Address type) {
  std::string_view name = types_.name(type);
  if (!name.starts_with("struct {")) return true;
  const std::vector<TypeMember>& members = types_.find_struct(type)->members;
  bool is_slot = members.size() == 2 && members[0].name == "key" && members[1].name == "elem";
  return !is_slot && !name.starts_with("struct { F uintptr");
}

std::optional<View> PathTypes::find(std::span<const ObjectId> path) {
  if (path.empty()) return std::nullopt;
  const Held& held = read(path.front());
  if (!held.channel_element.is_null()) {
    ViewId channel = views_.find(Shape::kChannel, held.channel_element);
    return channel == kNoView ? std::nullopt : std::optional(views_[channel]);
  }
  if (!held.is_read || held.noscan) return std::nullopt;
  if (held.header_bytes > 0) return by_header(path.front(), held);
  bool is_closure = !held.words.empty() && facts_.is_function_entry(Address(held.words.front()));
  if (is_closure || may_be_plain_array(held)) return std::nullopt;
  if (tried_ > kMostTried) return std::nullopt;
  std::vector<ViewId> candidates = candidates_for(held);
  tried_ += candidates.size();
  decided_.clear();
  std::erase_if(candidates, [&](ViewId id) { return !may_be(id, path); });
  if (candidates.size() > kMostToCompare) return std::nullopt;
  std::vector<ViewId> all = candidates;
  std::erase_if(candidates, [&](ViewId general) {
    return std::ranges::any_of(
        all, [&](ViewId special) { return views_.refines(views_[special], views_[general]); });
  });
  if (candidates.empty()) return std::nullopt;
  std::string name = views_.name(candidates.front(), nullptr);
  bool is_only_one =
      std::ranges::all_of(candidates, [&](ViewId id) { return views_.name(id, nullptr) == name; });
  return is_only_one && !name.empty() ? std::optional(views_[candidates.front()]) : std::nullopt;
}

PathTypes::Held PathTypes::outline(ObjectId object) const {
  const snapshot::Span& span = picture_.objects.span_of(object);
  auto index = static_cast<std::size_t>(&span - picture_.objects.spans().data());
  Held held;
  held.slot_bytes = span.element_size_bytes;
  held.header_bytes = index < header_bytes_.size() ? header_bytes_[index] : 0;
  held.noscan = span.noscan;
  return held;
}

const PathTypes::Held& PathTypes::read(ObjectId object) {
  auto [entry, is_new] = held_.try_emplace(object);
  Held& held = entry->second;
  if (!is_new) return held;
  held = outline(object);
  held.channel_element = waited_channel_element(object);
  std::uint64_t words = std::min(held.room() / 8, kMostWords);
  auto bytes = memory_.read_bytes(picture_.objects.address(object) + held.header_bytes, words * 8);
  if (!bytes) return held;
  held.is_read = true;
  for (std::uint64_t word = 0; word < words; ++word)
    held.words.push_back(load_unchecked<std::uint64_t>(bytes->data() + word * 8));
  read_pointers(object, held);
  return held;
}

void PathTypes::read_pointers(ObjectId object, Held& held) {
  if (object >= picture_.objects.row_count()) return;
  // They are in the order of the words.
  std::span<const ObjectId> edges(
      picture_.references.edges.data() + picture_.references.rows[object],
      picture_.references.edges.data() + picture_.references.rows[object + 1]);
  edges = edges.first(std::min<std::size_t>(edges.size(), held.words.size()));
  for (std::uint64_t word = 0; word < held.words.size(); ++word) {
    auto to = picture_.objects.find(Address(held.words[word]));
    if (!to || std::ranges::find(edges, *to) == edges.end()) continue;
    Address start = picture_.objects.address(*to) + outline(*to).header_bytes;
    held.pointers.push_back({word, *to, start == Address(held.words[word])});
  }
}

// Null: nobody waits for it, as for a channel.
Address PathTypes::waited_channel_element(ObjectId object) {
  if (!std::ranges::binary_search(channels_, object)) return {};
  Address type = cache_.pointer(picture_.objects.address(object) + facts_.element_type);
  return types_.kind(type) == TypeKind::kNone ? Address() : type;
}

// mbitmap.go, "malloc header": larger allocations say themselves what they are, since 1.22.
std::optional<View> PathTypes::by_header(ObjectId object, const Held& held) {
  Address type = cache_.pointer(picture_.objects.address(object));
  ViewId id = views_.find_allocated(type, types_.size_bytes(type) * 2 <= held.room());
  return id == kNoView ? std::nullopt : std::optional(views_[id]);
}

// All that fill such a slot.
const std::vector<ViewId>& PathTypes::candidates_for(const Held& held) {
  auto [entry, is_new] = candidates_.try_emplace({held.slot_bytes, held.header_bytes});
  std::vector<ViewId>& candidates = entry->second;
  if (!is_new) return candidates;
  auto add = [&](ViewId id) {
    if (id != kNoView && fills(views_[id], held)) candidates.push_back(id);
  };
  for (const auto& [size, type] : structs_) {
    if (size > held.room()) break;
    if (find_slot_bytes(held.room() / size * size + held.header_bytes) == held.slot_bytes)
      add(views_.find_allocated(type, size * 2 <= held.room()));
  }
  for (Address map : maps_)
    for (Shape shape : {Shape::kMap, Shape::kMapTable, Shape::kMapDirectory})
      if (shape == Shape::kMap || views_.is_swiss(map)) add(views_.find(shape, map));
  return candidates;
}

bool PathTypes::fills(const View& view, const Held& held) const {
  if (view.size_bytes == 0 || view.noscan != held.noscan) return false;
  std::uint64_t count = view.repeats ? held.room() / view.size_bytes : 1;
  return count > 0 &&
         find_slot_bytes(count * view.size_bytes + held.header_bytes) == held.slot_bytes;
}

// What a pointer to such a thing may lead to: the beginning of something larger too.
bool PathTypes::fits(ViewId id, const Held& held) {
  const View& view = views_[id];
  switch (view.shape) {
    case Shape::kChannel:
      return may_be_channel(held) &&
             (held.channel_element.is_null() || held.channel_element == view.type);
    case Shape::kFunction:
    case Shape::kClosure:
      return !held.is_read ||
             (!held.words.empty() && facts_.is_function_entry(Address(held.words.front())));
    case Shape::kText:
      return held.noscan;
    case Shape::kValue:
      return held.channel_element.is_null() &&
             (fills(view, held) ||
              catalog_.may_begin_larger(view.type, false, held.slot_bytes, held.noscan));
    default:
      return held.channel_element.is_null() && fills(view, held);
  }
}

// With its buffer behind it where the elements have no pointers (chan.go, makechan).
bool PathTypes::may_be_channel(const Held& held) {
  std::uint64_t alone = find_slot_bytes(views_.channel_bytes());
  return held.noscan ? held.slot_bytes >= alone : held.slot_bytes == alone;
}

bool PathTypes::may_be(ViewId id, std::span<const ObjectId> path) {
  auto known = decided_.find({id, path.front()});
  if (known != decided_.end()) return known->second;
  bool decision = decide(id, path);
  decided_.emplace(std::pair(id, path.front()), decision);
  return decision;
}

bool PathTypes::decide(ViewId id, std::span<const ObjectId> path) {
  const Held& held = read(path.front());
  if (!fits(id, held)) return false;
  const View& view = views_.placed(id);
  if (view.places.empty()) return true;
  bool is_whole = fills(view, held);
  if (is_whole && !has_pointers_where(view, held)) return false;
  for (const Held::Pointer& pointer : held.pointers) {
    std::uint64_t word = view.repeats ? pointer.word % view.places.size() : pointer.word;
    if (word >= view.places.size()) {
      if (is_whole) return false;
      continue;
    }
    if (view.places[word] == View::kNoPointer) return false;
    ViewId led_to = behind(held, pointer.word, view.places[word]);
    bool is_next = path.size() > 1 && pointer.to == path[1];
    if (is_next && led_to == View::kAnywhere) return false;
    if (led_to <= View::kAnywhere || !pointer.is_to_start) continue;
    if (is_next ? !may_be(led_to, path.subspan(1)) : !fits(led_to, outline(pointer.to)))
      return false;
  }
  return !is_whole || names_types_where(view, held);
}

// A word that must be a pointer leads somewhere, or nowhere.
bool PathTypes::has_pointers_where(const View& view, const Held& held) const {
  for (std::size_t at = 0; at < held.words.size(); ++at) {
    std::size_t word = view.repeats ? at % view.places.size() : at;
    if (word >= view.places.size()) break;
    if (view.places[word] != View::kNoPointer && held.words[at] != 0 &&
        !leads_somewhere(held.words[at]))
      return false;
    bool is_text =
        view.places[word] > View::kAnywhere && views_[view.places[word]].shape == Shape::kText;
    if (is_text && at + 1 < held.words.size() && held.words[at + 1] >= kMostLength) return false;
  }
  return true;
}

// The first word of an interface that has a value says of which type it is.
bool PathTypes::names_types_where(const View& view, const Held& held) {
  if (view.shape != Shape::kValue && view.shape != Shape::kArray &&
      view.shape != Shape::kMapStorage)
    return true;
  for (std::size_t word = 0; word < view.places.size(); ++word) {
    PlaceInType place = find_place(types_, view.type, word * 8);
    if (place.kind != TypeKind::kInterface || place.offset != 0) continue;
    for (std::size_t at = word; at < held.words.size(); at += view.places.size()) {
      if (held.words[at] != 0 && types_.type_of_interface(Address(held.words[at])).is_null())
        return false;
      if (!view.repeats) break;
    }
  }
  return true;
}

// An interface says itself what is in it, a small Swiss map that it has no directory.
ViewId PathTypes::behind(const Held& held, std::uint64_t word, ViewId place) {
  if (place == View::kAnywhere && word > 0) {
    bool is_box = false;
    Address type = types_.type_of_interface(Address(held.words[word - 1]));
    ViewId told = type.is_null() ? kNoView : views_.find_behind_interface(type, is_box);
    return told == kNoView ? place : told;
  }
  if (place <= View::kAnywhere || views_[place].shape != Shape::kMapDirectory) return place;
  bool has_directory =
      held.words.size() > kDirectoryLengthWord && held.words[kDirectoryLengthWord] != 0;
  return has_directory ? place
                       : views_.find(Shape::kMapStorage, types_.map_storage(views_[place].type));
}

// Of a pointer, a string or interface, a slice: what such an array looks like.
bool PathTypes::may_be_plain_array(const Held& held) {
  auto all_of = [&](std::size_t stride, auto&& is_one) {
    for (std::size_t at = 0; at + stride <= held.words.size(); at += stride) {
      std::span<const std::uint64_t> one = std::span(held.words).subspan(at, stride);
      bool is_zero = std::ranges::all_of(one, [](std::uint64_t word) { return word == 0; });
      if (!is_zero && !is_one(one)) return false;
    }
    return true;
  };
  using Words = std::span<const std::uint64_t>;
  auto is_address = [&](std::uint64_t word) { return word == 0 || leads_somewhere(word); };
  return all_of(1, [&](Words one) { return is_address(one[0]); }) ||
         all_of(2, [&](Words one) { return is_address(one[0]) && one[1] < kMostLength; }) ||
         all_of(2, [&](Words one) { return is_address(one[0]) && is_address(one[1]); }) ||
         all_of(3, [&](Words one) {
           return is_address(one[0]) && one[1] <= one[2] && one[2] < kMostLength;
         });
}

// To the heap, or into the program itself.
bool PathTypes::leads_somewhere(std::uint64_t word) const {
  Address address(word);
  if (picture_.objects.find(address)) return true;
  return std::ranges::any_of(facts_.mappings, [&](const target::Mapping& mapping) {
    return mapping.range.contains(address);
  });
}

}  // namespace goshawk::goruntime
