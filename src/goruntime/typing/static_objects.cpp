// From each variable whose type is known over the pointers that lie in data and bss and lead into
// these: what a field of known type points to has the type that the field says, as in the heap. It
// may be the beginning of something larger, which is no matter: all that is said is what the words
// of that beginning are. Slices tell how many values there are, interfaces their type. Which
// pointer was met first gives a value its name.
//
// A target may be broken: objects, their depth below a variable and all steps together are counted.
#include "goruntime/typing/static_objects.h"

#include <algorithm>

namespace goshawk::goruntime {
namespace {

constexpr std::size_t kMostPointers = 1 << 22;
constexpr std::size_t kMostObjects = 1 << 20;
constexpr std::uint8_t kDeepest = 64;
constexpr std::uint64_t kMostMaskBytes = 64 << 20;
constexpr std::uint64_t kChunkWords = 1 << 17;
constexpr int kMostAround = 256;  // values that begin before a word and near it

class PointerSearch {
 public:
  PointerSearch(const target::Memory& memory, const Modules& modules)
      : memory_(memory), modules_(modules) {}

  std::vector<StaticPointer> search() {
    for (const Moduledata& module : modules_.all) {
      read(module.data, module.gcdata_mask);
      read(module.bss, module.gcbss_mask);
    }
    std::ranges::sort(found_, {}, &StaticPointer::source);
    return std::move(found_);
  }

 private:
  void read(AddressRange range, Bitvector mask) {
    std::uint64_t words = std::min<std::uint64_t>(range.size_bytes() / 8, mask.bits);
    if (words / 8 > kMostMaskBytes) return;
    auto bits = memory_.read_bytes(mask.bytes, (words + 7) / 8);
    if (!bits) return;
    for (std::uint64_t first = 0; first < words; first += kChunkWords)
      read_chunk(range.start, first, std::min(words, first + kChunkWords), *bits);
  }

  void read_chunk(Address start, std::uint64_t first, std::uint64_t end, ByteView bits) {
    // A word before it, where there is one; what is behind the last one may be of the next chunk.
    std::uint64_t from = first == 0 ? 0 : first - 1;
    auto bytes = memory_.read_bytes(start + from * 8, (end - from) * 8);
    if (!bytes) return;
    auto word = [&](std::uint64_t at) {
      return load<std::uint64_t>(*bytes, (at - from) * 8).value_or(0);
    };
    for (std::uint64_t at = first; at < end && found_.size() < kMostPointers; ++at) {
      if ((std::to_integer<unsigned>(bits[at / 8]) >> (at % 8) & 1) == 0) continue;
      if (std::uint64_t value = word(at); is_static(Address(value)))
        found_.push_back({.source = start + at * 8,
                          .value = value,
                          .before = at > from ? word(at - 1) : 0,
                          .next = word(at + 1),
                          .after = word(at + 2)});
    }
  }

  bool is_static(Address value) const {
    return std::ranges::any_of(modules_.all, [&](const Moduledata& module) {
      return module.data.contains(value) || module.bss.contains(value);
    });
  }

  const target::Memory& memory_;
  const Modules& modules_;
  std::vector<StaticPointer> found_;
};

}  // namespace

std::vector<StaticPointer> read_static_pointers(const target::Memory& memory,
                                                const Modules& modules) {
  return PointerSearch(memory, modules).search();
}

StaticObjects::StaticObjects(std::span<const StaticPointer> pointers, GlobalVariables& variables,
                             TypeReader& types)
    : pointers_(pointers), variables_(variables), types_(types) {
  for (const StaticPointer& pointer : pointers_)
    if (auto step = find_step(pointer, kVariable)) lead(pointer, step->target, kVariable);
  for (std::uint32_t i = 0; i < objects_.size() && steps_left_ > 0; ++i) follow(i);
  for (std::uint32_t i = 0; i < objects_.size(); ++i) by_start_.push_back(i);
  std::ranges::sort(by_start_, {}, [&](std::uint32_t i) { return objects_[i].range.start; });
}

// Where a pointer leads that lies in a variable or in a value that is known.
std::optional<StaticObjects::Step> StaticObjects::find_step(const StaticPointer& pointer,
                                                            std::uint32_t from) {
  std::optional<binary::DwarfTypes::Lead> found;
  PlaceInType place;
  if (from == kVariable) {
    auto variable = variables_.find(pointer.source);
    if (!variable) return std::nullopt;
    found = variables_.find_lead(*variable);
    if (!found) place = variables_.find_place(*variable);
  } else {
    const Object& object = objects_[from];
    const binary::DwarfTypes* types = variables_.debug().of_package("runtime");
    if (object.target.descriptor.is_null() && types != nullptr)
      found = types->find_lead_in_type(object.target.type,
                                       (pointer.source - object.range.start) % object.size_bytes);
    if (!found) place = place_in(object, pointer.source);
  }
  if (!found) return find_step_of_place(pointer, std::move(place));
  return Step{DebugTypes::without_indices(found->path),
              {.descriptor = {}, .type = found->type, .is_slice = found->is_slice}};
}

std::optional<StaticObjects::Step> StaticObjects::find_step_of_place(const StaticPointer& pointer,
                                                                     PlaceInType place) {
  bool is_pointer = place.kind == TypeKind::kPointer || place.kind == TypeKind::kSlice;
  if (is_pointer && place.offset == 0)
    return Step{std::move(place.path),
                {.descriptor = place.element, .is_slice = place.kind == TypeKind::kSlice}};
  if (place.kind != TypeKind::kInterface || place.offset != 8) return std::nullopt;
  Address dynamic = types_.type_of_interface(Address(pointer.before));
  if (types_.kind(dynamic) != TypeKind::kPointer) return std::nullopt;
  return Step{std::move(place.path), {.descriptor = types_.element(dynamic)}};
}

void StaticObjects::lead(const StaticPointer& pointer, const Target& target, std::uint32_t parent) {
  const binary::DwarfTypes* types = variables_.debug().of_package("runtime");
  std::uint64_t size_bytes = 0;
  if (!target.descriptor.is_null())
    size_bytes = types_.size_bytes(target.descriptor);
  else if (types != nullptr)
    size_bytes = types->find_size_of_type(target.type).value_or(0);
  std::uint64_t count = target.is_slice ? std::min(pointer.next, pointer.after) : 1, whole = 0;
  std::uint8_t depth = parent == kVariable ? 0 : objects_[parent].depth + 1;
  Address start(pointer.value);
  if (size_bytes < 8 || count == 0 || depth > kDeepest || objects_.size() >= kMostObjects ||
      __builtin_mul_overflow(size_bytes, count, &whole) || start + whole < start)
    return;
  std::uint64_t hash = start.value();
  for (std::uint64_t part : {target.descriptor.value(), target.type, whole})
    hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
  if (!seen_.insert(hash).second) return;
  objects_.push_back({.range = {start, start + whole},
                      .target = target,
                      .size_bytes = size_bytes,
                      .parent = parent,
                      .source = pointer.source,
                      .depth = depth});
}

void StaticObjects::follow(std::uint32_t object) {
  AddressRange range = objects_[object].range;
  auto at = std::ranges::lower_bound(pointers_, range.start, {}, &StaticPointer::source);
  for (; at != pointers_.end() && at->source < range.end && steps_left_ > 0; ++at) {
    --steps_left_;
    if (auto step = find_step(*at, object)) lead(*at, step->target, object);
  }
}

PlaceInType StaticObjects::place_in(const Object& object, Address word) {
  std::uint64_t offset = (word - object.range.start) % object.size_bytes;
  if (!object.target.descriptor.is_null())
    return find_place(types_, object.target.descriptor, offset);
  const binary::DwarfTypes* types = variables_.debug().of_package("runtime");
  auto found =
      types != nullptr ? types->find_place_in_type(object.target.type, offset) : std::nullopt;
  return found ? variables_.debug().place(variables_.debug().part(*found)) : PlaceInType{};
}

template <typename Visit>
void StaticObjects::visit_covering(Address word, Visit visit) {
  auto after = std::ranges::upper_bound(by_start_, word, {},
                                        [&](std::uint32_t i) { return objects_[i].range.start; });
  for (int i = 0; i < kMostAround && after != by_start_.begin(); ++i) {
    const Object& object = objects_[*--after];
    if (object.range.contains(word)) visit(object, place_in(object, word));
  }
}

std::vector<PlaceInType> StaticObjects::find(Address word) {
  std::vector<PlaceInType> found;
  visit_covering(word, [&](const Object&, PlaceInType place) {
    if (place.kind != TypeKind::kNone) found.push_back(std::move(place));
  });
  return found;
}

std::optional<StaticObjects::Named> StaticObjects::find_named(Address word) {
  std::optional<Named> found;
  visit_covering(word, [&](const Object& object, PlaceInType place) {
    if (found || place.kind == TypeKind::kNone) return;
    std::string path = (object.target.is_slice ? "[...]" : "") + place.path;
    found = Named{name_of(object) + path, std::move(place)};
  });
  return found;
}

std::string StaticObjects::name_of(const Object& object) {
  std::string name;
  const Object* at = &object;
  auto step_to = [&](const Object& to) {
    auto pointer = std::ranges::lower_bound(pointers_, to.source, {}, &StaticPointer::source);
    auto step = pointer != pointers_.end() ? find_step(*pointer, to.parent) : std::nullopt;
    return step ? step->path : "";
  };
  for (; at->parent != kVariable; at = &objects_[at->parent])
    name.insert(0, (objects_[at->parent].target.is_slice ? "[...]" : "") + step_to(*at));
  auto variable = variables_.find(at->source);
  return (variable ? variable->name : "") + step_to(*at) + name;
}

}  // namespace goshawk::goruntime
