// Views are numbered as they are met; what a view's pointers lead to is worked out when the first
// object of it is looked at, so that types that lead to each other are no matter.
//
// A map's entries lie behind its header: in buckets (runtime/map.go hmap), or in groups, directly
// or behind a directory of tables (internal/runtime/maps Map, since 1.24). Which of the two a map
// has, its own storage type tells by its first field; where the header's fields are, the program's
// own descriptors of runtime.hmap and maps.Map. Without these a map's header is known, and nothing
// behind it.
//
// What keeps hostile types in bounds: a table of places has at most kMostWords words, all of them
// together kMostPlacedWords, every visit of a type is a step and steps are counted.
#include "goruntime/typing/views.h"

#include <fmt/format.h>

#include <algorithm>

#include "goruntime/types/place_in_type.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kMostWords = 1 << 15;
constexpr std::uint64_t kMostPlacedWords = 1 << 24;
constexpr std::uint64_t kMostSteps = 1 << 26;
constexpr std::size_t kMostViews = 1 << 20;
constexpr int kDeepest = 64;

const TypeMember* find_member(const StructType* in, std::string_view name) {
  if (in == nullptr) return nullptr;
  auto found = std::ranges::find(in->members, name, &TypeMember::name);
  return found == in->members.end() ? nullptr : &*found;
}

}  // namespace

Views::Views(TypeReader& types, const StructCatalog& catalog)
    : types_(types),
      runtime_{.hmap = catalog.find("runtime", "runtime.hmap"),
               .mapextra = catalog.find("runtime", "runtime.mapextra"),
               .swiss_map = catalog.find("internal/runtime/maps", "maps.Map"),
               .swiss_table = catalog.find("internal/runtime/maps", "maps.table"),
               .hchan = catalog.find("runtime", "runtime.hchan")} {
  views_.resize(View::kAnywhere + 1);  // numbers that mean something else
}

ViewId Views::find(Shape shape, Address type) {
  std::uint64_t key = type.value() << 4 | static_cast<std::uint64_t>(shape);
  if (auto found = ids_.find(key); found != ids_.end()) return found->second;
  if (views_.size() >= kMostViews) return kNoView;
  View view{.shape = shape, .type = type, .places = {}};
  ViewId id = describe(view) ? static_cast<ViewId>(views_.size()) : kNoView;
  if (id != kNoView) views_.push_back(std::move(view));
  ids_.emplace(key, id);
  return id;
}

ViewId Views::find_behind_interface(Address type, bool& is_box) {
  is_box = false;
  switch (TypeKind kind = types_.kind(type)) {
    case TypeKind::kNone:
    case TypeKind::kUnsafePointer:
      return kNoView;
    case TypeKind::kPointer:
      return find(Shape::kValue, types_.element(type));
    case TypeKind::kMap:
      return find(Shape::kMap, type);
    case TypeKind::kChan:
      return find(Shape::kChannel, types_.element(type));
    case TypeKind::kFunc:
      return find(Shape::kFunction, type);
    case TypeKind::kStruct:
    case TypeKind::kArray:
      // A struct of one pointer is that pointer.
      if (types_.size_bytes(type) == 8 && types_.pointer_bytes(type) == 8) return kNoView;
      [[fallthrough]];
    default:
      is_box = kind != TypeKind::kInterface;
      return is_box ? find(Shape::kValue, type) : kNoView;
  }
}

// The struct that the compiler makes for it has no name.
bool Views::is_map_storage(Address type) {
  const StructType* parts = types_.find_struct(type);
  if (parts == nullptr || parts->members.size() < 2) return false;
  auto name = [&](std::size_t i) { return std::string_view(parts->members[i].name); };
  return (name(0) == "ctrl" && (name(1) == "slots" || name(1) == "keys")) ||
         (name(0) == "topbits" && name(1) == "keys");
}

ViewId Views::find_allocated(Address type, bool many) {
  if (is_map_storage(type)) return find(Shape::kMapStorage, type);
  return find(many ? Shape::kArray : Shape::kValue, type);
}

bool Views::describe_value(View& view) {
  if (types_.kind(view.type) == TypeKind::kNone) return false;
  view.size_bytes = types_.size_bytes(view.type);
  view.noscan = types_.pointer_bytes(view.type) == 0;
  return view.size_bytes > 0;
}

bool Views::describe(View& view) {
  switch (view.shape) {
    case Shape::kValue:
      return describe_value(view);
    case Shape::kArray:
    case Shape::kMapStorage:
      view.repeats = true;
      return describe_value(view);
    case Shape::kText:
    case Shape::kItabTable:
      view.noscan = true;
      return true;
    case Shape::kSmall:
      view.noscan = true;
      view.size_bytes = 16;
      return true;
    case Shape::kMap:
      if (types_.kind(view.type) != TypeKind::kMap) return false;
      view.size_bytes = types_.size_bytes(is_swiss(view.type) ? runtime_.swiss_map : runtime_.hmap);
      return true;
    case Shape::kMapTable:
      view.size_bytes = types_.size_bytes(runtime_.swiss_table);
      return view.size_bytes > 0;
    case Shape::kMapExtra:
      view.size_bytes = types_.size_bytes(runtime_.mapextra);
      return view.size_bytes > 0;
    case Shape::kMapDirectory:
    case Shape::kOverflowList:
      view.repeats = true;
      view.size_bytes = 8;
      return true;
    case Shape::kOverflowSlice:
      view.size_bytes = 24;
      return true;
    case Shape::kChannel:
      return types_.kind(view.type) != TypeKind::kNone;
    case Shape::kFunction:
      return types_.kind(view.type) == TypeKind::kFunc;
    case Shape::kClosure:
      return true;
  }
  return false;
}

const View& Views::placed(ViewId id) {
  View& view = views_[id];
  if (!view.has_places) {
    view.has_places = true;
    place(view);
  }
  return view;
}

// Buckets name their first field otherwise.
bool Views::is_swiss(Address map) {
  const StructType* storage = types_.find_struct(types_.map_storage(map));
  return storage != nullptr && !storage->members.empty() && storage->members.front().name == "ctrl";
}

void Views::place(View& view) {
  std::uint64_t words = view.size_bytes / 8;
  if (words > kMostWords || placed_words_ + words > kMostPlacedWords || view.noscan) return;
  placed_words_ += words;
  auto alone = [&](ViewId id) { view.places.assign(words, id); };
  switch (view.shape) {
    case Shape::kValue:
    case Shape::kArray:
    case Shape::kMapStorage:
      view.places.assign(words, View::kNoPointer);
      place_type(view.places, view.type, 0, 0);
      // The runtime's own list of buckets: untyped, and the last field.
      if (view.shape == Shape::kMapStorage)
        if (const TypeMember* more = find_member(types_.find_struct(view.type), "overflow"))
          if (types_.pointer_bytes(more->type) != 0)
            put(view.places, more->offset, find(Shape::kMapStorage, view.type));
      return;
    case Shape::kMap:
      place_fields(view, is_swiss(view.type) ? runtime_.swiss_map : runtime_.hmap);
      return;
    case Shape::kMapTable:
      place_fields(view, runtime_.swiss_table);
      return;
    case Shape::kMapExtra:
      place_fields(view, runtime_.mapextra);
      return;
    case Shape::kMapDirectory:
      return alone(find(Shape::kMapTable, view.type));
    case Shape::kOverflowSlice:
      alone(View::kNoPointer);
      return put(view.places, 0, find(Shape::kOverflowList, view.type));
    case Shape::kOverflowList:
      return alone(find(Shape::kMapStorage, types_.map_storage(view.type)));
    case Shape::kChannel:
      view.places.assign(types_.size_bytes(runtime_.hchan) / 8, View::kNoPointer);
      place_type(view.places, runtime_.hchan, 0, 0);
      if (const TypeMember* buffer = find_member(types_.find_struct(runtime_.hchan), "buf"))
        put(view.places, buffer->offset, find(Shape::kArray, view.type));
      return;
    case Shape::kClosure:
      return place_captured(view);
    default:
      return;
  }
}

// Behind the code's address. Of what is not known may be pointers.
void Views::place_captured(View& view) {
  auto captured =
      captured_ ? captured_(view.type) : std::vector<std::pair<std::uint64_t, ViewId>>();
  std::uint64_t end = 0;
  for (const auto& [offset, id] : captured) end = std::max(end, offset + 8);
  if (end == 0 || end / 8 > kMostWords) return;
  placed_words_ += end / 8;
  view.places.assign(end / 8, View::kAnywhere);
  view.places[0] = View::kNoPointer;
  for (const auto& [offset, id] : captured) put(view.places, offset, id);
}

// What the runtime's untyped pointers in a part of a map lead to.
void Views::place_fields(View& view, Address structure) {
  const StructType* fields = types_.find_struct(structure);
  if (fields == nullptr || fields->size_bytes != view.size_bytes) return;
  view.places.assign(view.size_bytes / 8, View::kNoPointer);
  place_type(view.places, structure, 0, 0);
  Address map = view.type;
  auto lead = [&](std::string_view name, Shape shape, Address type) {
    if (const TypeMember* member = find_member(fields, name))
      put(view.places, member->offset, find(shape, type));
  };
  Address storage = types_.map_storage(map);
  if (view.shape == Shape::kMapTable) return lead("groups", Shape::kMapStorage, storage);
  lead("buckets", Shape::kMapStorage, storage);
  lead("oldbuckets", Shape::kMapStorage, storage);
  lead("nextOverflow", Shape::kMapStorage, storage);
  lead("extra", Shape::kMapExtra, map);
  lead("overflow", Shape::kOverflowSlice, map);
  lead("oldoverflow", Shape::kOverflowSlice, map);
  lead("dirPtr", Shape::kMapDirectory, map);  // or the only group: its first word tells
}

void Views::put(std::vector<ViewId>& places, std::uint64_t offset, ViewId id) {
  if (offset % 8 != 0 || offset / 8 >= places.size()) return;
  places[offset / 8] = id == kNoView ? View::kAnywhere : id;
}

void Views::place_type(std::vector<ViewId>& places, Address type, std::uint64_t offset, int depth) {
  if (++steps_ > kMostSteps || depth > kDeepest || types_.pointer_bytes(type) == 0) return;
  Address element = types_.element(type);
  switch (types_.kind(type)) {
    case TypeKind::kArray:
      return place_array(places, type, offset, depth);
    case TypeKind::kStruct:
      return place_struct(places, type, offset, depth);
    case TypeKind::kPointer:
      return put(places, offset, find(Shape::kValue, element));
    case TypeKind::kSlice:
      return put(places, offset, find(Shape::kArray, element));
    case TypeKind::kString:
      return put(places, offset, find(Shape::kText, {}));
    case TypeKind::kMap:
      return put(places, offset, find(Shape::kMap, type));
    case TypeKind::kChan:
      return put(places, offset, find(Shape::kChannel, element));
    case TypeKind::kFunc:
      return put(places, offset, find(Shape::kFunction, type));
    case TypeKind::kInterface:  // its first word tells what the second leads to
      return put(places, offset + 8, View::kAnywhere);
    default:
      return put(places, offset, View::kAnywhere);
  }
}

void Views::place_array(std::vector<ViewId>& places, Address type, std::uint64_t offset,
                        int depth) {
  Address element = types_.element(type);
  std::uint64_t size = types_.size_bytes(element), whole = types_.size_bytes(type);
  if (size == 0) return;
  for (std::uint64_t at = 0; at + size <= whole && (offset + at) / 8 < places.size(); at += size)
    place_type(places, element, offset + at, depth + 1);
}

void Views::place_struct(std::vector<ViewId>& places, Address type, std::uint64_t offset,
                         int depth) {
  // atomic.Pointer[T] and whatever else stands for a pointer of known type in one without.
  PlaceInType only = types_.size_bytes(type) == 8 ? find_place(types_, type, 0) : PlaceInType{};
  if (only.kind == TypeKind::kPointer) return place_type(places, only.type, offset, depth + 1);
  const StructType* found = types_.find_struct(type);
  if (found == nullptr) {  // its fields cannot be read: pointers may be anywhere
    for (std::uint64_t at = 0; at < types_.pointer_bytes(type); at += 8)
      put(places, offset + at, View::kAnywhere);
    return;
  }
  for (const TypeMember& member : found->members)
    place_type(places, member.type, offset + member.offset, depth + 1);
}

// Null: it has no parts.
Address Views::first_part(Address type) {
  if (types_.kind(type) == TypeKind::kArray) return types_.element(type);
  const StructType* in = types_.find_struct(type);
  if (in == nullptr) return {};
  auto first = std::ranges::find_if(in->members,
                                    [](const TypeMember& member) { return member.size_bytes > 0; });
  return first == in->members.end() ? Address() : first->type;
}

bool Views::begins_with(Address whole, Address part) {
  for (int depth = 0; depth < kDeepest && !whole.is_null(); ++depth) {
    if (whole == part) return true;
    whole = first_part(whole);
  }
  return false;
}

// The runtime allocates these parts as values of its own types.
bool Views::refines(const View& special, const View& general) {
  switch (special.shape) {
    case Shape::kMapDirectory:
      return general.shape == Shape::kArray && types_.kind(general.type) == TypeKind::kPointer &&
             types_.element(general.type) == runtime_.swiss_table;
    case Shape::kMapTable:
      return general.shape == Shape::kValue && general.type == runtime_.swiss_table;
    case Shape::kMap:
      return general.shape == Shape::kValue &&
             general.type == (is_swiss(special.type) ? runtime_.swiss_map : runtime_.hmap);
    default:
      return false;
  }
}

Address Views::first_scalar(Address type) {
  for (int depth = 0; depth < kDeepest; ++depth) {
    Address part = first_part(type);
    if (part.is_null()) return type;
    type = part;
  }
  return {};
}

// "map[string]*main.T entries", by the fields of a slot or the arrays of a bucket.
std::string Views::storage_name(Address storage) {
  const StructType* parts = types_.find_struct(storage);
  const TypeMember* slots = find_member(parts, "slots");
  const StructType* slot =
      slots != nullptr ? types_.find_struct(types_.element(slots->type)) : nullptr;
  const TypeMember* key = find_member(slot != nullptr ? slot : parts, slot ? "key" : "keys");
  const TypeMember* value = find_member(slot != nullptr ? slot : parts, slot ? "elem" : "elems");
  if (key == nullptr || value == nullptr) return "map entries";
  auto bare = [&](Address type) { return types_.name(slot ? type : types_.element(type)); };
  return fmt::format("map[{}]{} entries", bare(key->type), bare(value->type));
}

std::string Views::name(ViewId id, const Functions* functions) {
  const View& view = views_[id];
  switch (view.shape) {
    case Shape::kValue:
    case Shape::kMap:
    case Shape::kFunction:
      return types_.name(view.type);
    case Shape::kArray:
      return types_.name(view.type).empty() ? "" : "[]" + types_.name(view.type);
    case Shape::kText:
      return "string";
    case Shape::kSmall:
      return "values below 16 bytes";
    case Shape::kItabTable:
      return "runtime.itabTableType";
    case Shape::kMapDirectory:
    case Shape::kMapTable:
    case Shape::kMapExtra:
    case Shape::kOverflowSlice:
    case Shape::kOverflowList:
      return storage_name(types_.map_storage(view.type));
    case Shape::kMapStorage:
      return storage_name(view.type);
    case Shape::kChannel:
      return types_.name(view.type).empty() ? "" : "chan " + types_.name(view.type);
    case Shape::kClosure: {
      if (functions == nullptr) return "";
      FunctionId function = functions->find(view.type);
      return function == kNoFunction ? "" : fmt::format("func {}", functions->name(function));
    }
  }
  return "";
}

}  // namespace goshawk::goruntime
