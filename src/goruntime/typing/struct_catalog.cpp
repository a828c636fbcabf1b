// The compiler describes every type that the program allocates, in its modules' read-only data. The
// descriptors are not listed anywhere in every release, so they are looked for: at each aligned
// place that has the bits of a named or unnamed struct and fields that lie in it. What only looks
// like one is harmless: at worst an object stays unknown that could have been named.
//
// A struct's beginning is its first field that has a size, the first field of that, and so on. Of
// each such part it is noted in which slots the whole struct lies. Whatever is allocated is of a
// type that is described: of what a pointer to a struct leads to that is larger than the struct,
// all that it can be are structs that begin with it, and arrays.
#include "goruntime/typing/struct_catalog.h"

#include <algorithm>

#include "base/byte_view.h"
#include "goruntime/facts/heap_bitmap.h"
#include "goruntime/facts/size_class.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kKind = 23, kPkgPath = 48, kFieldCount = 64;
constexpr std::uint64_t kStructBytes = 80;
constexpr std::uint8_t kKindMask = 31;
constexpr std::uint64_t kMostFields = 1024;
constexpr std::uint64_t kChunkBytes = 1 << 20;
constexpr std::uint64_t kMostTypeBytes = 512 << 20;
constexpr std::size_t kMostBeginnings = 1 << 22;
constexpr int kDeepestBeginning = 16;
constexpr std::size_t kMostLarger = 64;  // of one beginning; one more: too many to tell

// Packages whose types are asked for by their names.
bool is_known_by_name(std::string_view package) {
  return package == "runtime" || package == "internal/runtime/maps" || package == "sync" ||
         package == "container/list";
}

bool has_kind(const std::byte* at, TypeKind kind) {
  return (std::to_integer<std::uint8_t>(at[kKind]) & kKindMask) == static_cast<std::uint8_t>(kind);
}

bool may_be_struct(const std::byte* at) {
  auto word = [at](std::uint64_t offset) { return load_unchecked<std::uint64_t>(at + offset); };
  return has_kind(at, TypeKind::kStruct) && word(8) <= word(0) && word(kFieldCount) > 0 &&
         word(kFieldCount) <= kMostFields && word(kFieldCount) == word(kFieldCount + 8);
}

// A pointer, for the collector.
bool may_be_map(const std::byte* at) {
  return has_kind(at, TypeKind::kMap) && load_unchecked<std::uint64_t>(at) == 8 &&
         load_unchecked<std::uint64_t>(at + 8) == 8;
}

std::uint64_t slot_of(std::uint64_t size_bytes, bool noscan) {
  bool has_header = !noscan && size_bytes > kLargestWithoutHeader;
  return find_slot_bytes(size_bytes + (has_header ? kMallocHeaderBytes : 0));
}

// Types are 8-aligned, slots too: the low bits are free.
std::uint64_t key_of(Address type, bool as_array, std::uint64_t slot_bytes, bool noscan) {
  std::uint64_t mixed = type.value() ^ (slot_bytes << 40) ^ (slot_bytes >> 24);
  return (mixed & ~std::uint64_t{3}) | (as_array ? 1 : 0) | (noscan ? 2 : 0);
}

}  // namespace

StructCatalog::StructCatalog(const target::Memory& memory, TypeReader& types) : types_(types) {
  for (const AddressRange& range : types.ranges()) {
    if (range.size_bytes() > kMostTypeBytes) continue;
    for (Address at = range.start; at < range.end; at = at + kChunkBytes)
      search(memory, {at, std::min(at + (kChunkBytes + kStructBytes), range.end)});
  }
}

void StructCatalog::search(const target::Memory& memory, AddressRange chunk) {
  auto bytes = memory.read_bytes(chunk.start, chunk.size_bytes());
  if (!bytes) return;
  std::uint64_t first = (8 - chunk.start.value() % 8) % 8;
  for (std::uint64_t at = first; at < kChunkBytes && fits(*bytes, at, kStructBytes); at += 8) {
    if (may_be_map(bytes->data() + at)) add_map(chunk.start + at);
    if (may_be_struct(bytes->data() + at)) {
      add(chunk.start + at);
      Address path(load_unchecked<std::uint64_t>(bytes->data() + at + kPkgPath));
      auto package = path.is_null() ? std::nullopt : types_.read_name(path);
      if (!package || !is_known_by_name(package->text)) continue;
      auto [entry, is_new] =
          by_name_.emplace(package->text + " " + types_.name(chunk.start + at), chunk.start + at);
      if (!is_new) entry->second = Address();
    }
  }
}

// What only looks like a map's type has no struct of entries.
void StructCatalog::add_map(Address type) {
  Address storage = types_.kind(type) == TypeKind::kMap ? types_.map_storage(type) : Address();
  if (storage.is_null() || types_.find_struct(storage) == nullptr) return;
  bool named = !types_.name(type).starts_with("map[");
  auto [known, is_new] = maps_.try_emplace(storage, MapType{type, named});
  if (is_new || (!known->second.named && named)) return;
  if (known->second.named && !named)
    known->second = {type, named};
  else if (named)
    known->second.type = Address();
}

Address StructCatalog::find_map(Address storage) const {
  auto known = maps_.find(storage);
  return known == maps_.end() ? Address() : known->second.type;
}

std::vector<Address> StructCatalog::maps() const {
  std::vector<Address> all;
  for (const auto& [storage, map] : maps_)
    if (!map.type.is_null()) all.push_back(map.type);
  std::ranges::sort(all);
  return all;
}

void StructCatalog::add(Address type) {
  if (types_.find_struct(type) == nullptr) return;
  structs_.push_back(type);
  if (beginnings_.size() < kMostBeginnings) note_beginnings(type);
}

void StructCatalog::note_beginnings(Address type) {
  bool noscan = types_.pointer_bytes(type) == 0;
  std::uint64_t whole = types_.size_bytes(type), slot = slot_of(whole, noscan);
  Address part = type;
  for (int depth = 0; depth < kDeepestBeginning; ++depth) {
    bool is_array = types_.kind(part) == TypeKind::kArray;
    if (is_array) {
      part = types_.element(part);
      beginnings_.insert(key_of(part, true, slot, noscan));
    } else {
      const StructType* in = types_.find_struct(part);
      if (in == nullptr) return;
      auto first = std::ranges::find_if(
          in->members, [](const TypeMember& member) { return member.size_bytes > 0; });
      if (first == in->members.end()) return;
      part = first->type;
    }
    if (types_.size_bytes(part) >= whole) continue;
    beginnings_.insert(key_of(part, false, slot, noscan));
    if (!noscan && types_.kind(part) == TypeKind::kStruct) note_larger(part, type);
  }
}

void StructCatalog::note_larger(Address part, Address whole) {
  std::vector<Address>& larger = larger_[part];
  if (larger.size() <= kMostLarger) larger.push_back(whole);
}

Address StructCatalog::find_only_larger(Address type, std::uint64_t slot_bytes,
                                        std::uint64_t header_bytes) {
  auto found = larger_.find(type);
  if (found == larger_.end() || found->second.size() > kMostLarger) return {};
  auto count_in_slot = [&](Address whole) -> std::uint64_t {
    std::uint64_t size = types_.size_bytes(whole), room = slot_bytes - header_bytes;
    std::uint64_t count = size == 0 || types_.pointer_bytes(whole) == 0 ? 0 : room / size;
    return count > 0 && find_slot_bytes(count * size + header_bytes) == slot_bytes ? count : 0;
  };
  if (count_in_slot(type) > 0) return {};
  Address only;
  for (Address whole : found->second) {
    std::uint64_t count = count_in_slot(whole);
    if (count == 0) continue;
    if (count > 1 || (!only.is_null() && only != whole)) return {};
    only = whole;
  }
  return only;
}

bool StructCatalog::begin_with(Address part, Address intermediate, std::uint64_t slot_bytes) {
  auto found = larger_.find(part);
  if (intermediate.is_null() || found == larger_.end() || found->second.size() > kMostLarger)
    return false;
  return std::ranges::all_of(found->second, [&](Address whole) {
    if (slot_of(types_.size_bytes(whole), false) != slot_bytes) return true;
    for (int depth = 0; depth < kDeepestBeginning && !whole.is_null(); ++depth) {
      if (whole == intermediate) return true;
      const StructType* in = types_.find_struct(whole);
      whole = in == nullptr || in->members.empty() ? Address() : in->members.front().type;
    }
    return false;
  });
}

Address StructCatalog::find(std::string_view package, std::string_view name) const {
  auto found = by_name_.find(std::string(package) + " " + std::string(name));
  return found == by_name_.end() ? Address() : found->second;
}

bool StructCatalog::may_begin_larger(Address type, bool as_array, std::uint64_t slot_bytes,
                                     bool noscan) const {
  return beginnings_.contains(key_of(type, as_array, slot_bytes, noscan));
}

}  // namespace goshawk::goruntime
