// abi.Type has had one layout since 1.19: Size_ at 0, TFlag at 20, Kind_ at 23, Str (an offset into
// its module's types) at 40, 48 bytes in all; up to 1.25 the upper bits of Kind_ are flags. Behind
// it, by kind: the element of an array, a channel, a pointer, a slice; a map's key, element and
// bucket or group; a struct's package path and fields. A field is {name, type, offset}. A name is a
// flag byte, a varint length and the text.
#include "goruntime/types/type_reader.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kPointerBytes = 8, kTFlag = 20, kKind = 23, kStr = 40;
constexpr std::uint64_t kElement = 48;                       // array, chan, pointer, slice
constexpr std::uint64_t kMapElement = 56, kMapStorage = 64;  // of a map; its key is at 48
constexpr std::uint64_t kFields = 56, kFieldCount = 64;      // of a struct
constexpr std::uint64_t kFieldType = 8, kFieldOffset = 16, kFieldBytes = 24;
constexpr std::uint64_t kItabType = 8;
constexpr std::uint8_t kExtraStar = 2;  // TFlag: the text begins with a '*' that is not the type's
constexpr std::uint8_t kEmbedded = 8;   // of a field's name
constexpr std::uint8_t kKindMask = 31, kHighestKind = 26;

constexpr std::uint64_t kMostFields = 1024;
constexpr std::uint64_t kMostNameBytes = 1024;
constexpr std::uint64_t kMostTypeBytes = std::uint64_t{1} << 31;

}  // namespace

TypeReader::TypeReader(PageCache& cache, const Modules& modules) : cache_(&cache) {
  for (const Moduledata& module : modules.all) types_.push_back(module.types);
}

const AddressRange* TypeReader::module_of(Address type) const {
  if (!type.is_aligned(8)) return nullptr;
  for (const AddressRange& types : types_)
    if (types.contains(type)) return &types;
  return nullptr;
}

TypeKind TypeReader::kind(Address type) {
  if (module_of(type) == nullptr) return TypeKind::kNone;
  auto kind = cache_->value<std::uint8_t>(type + kKind).value_or(0) & kKindMask;
  return kind > kHighestKind ? TypeKind::kNone : static_cast<TypeKind>(kind);
}

std::uint64_t TypeReader::size_bytes(Address type) {
  if (kind(type) == TypeKind::kNone) return 0;
  std::uint64_t size = cache_->value<std::uint64_t>(type).value_or(0);
  return size > kMostTypeBytes ? 0 : size;
}

std::uint64_t TypeReader::pointer_bytes(Address type) {
  std::uint64_t size = size_bytes(type);
  if (size == 0) return 0;
  return std::min(size, cache_->value<std::uint64_t>(type + kPointerBytes).value_or(0));
}

bool TypeReader::is_same_underlying(Address one, Address other) {
  TypeKind kind_of_both = kind(one);
  if (one == other) return true;
  if (kind_of_both == TypeKind::kNone || kind_of_both != kind(other) ||
      size_bytes(one) != size_bytes(other))
    return false;
  switch (kind_of_both) {
    case TypeKind::kStruct: {
      const StructType *a = find_struct(one), *b = find_struct(other);
      return a != nullptr && b != nullptr && a->members == b->members;
    }
    case TypeKind::kMap:
      return map_storage(one) == map_storage(other) && element(one) == element(other);
    case TypeKind::kArray:
    case TypeKind::kChan:
    case TypeKind::kPointer:
    case TypeKind::kSlice:
      return element(one) == element(other) && !element(one).is_null();
    default:
      return pointer_bytes(one) == pointer_bytes(other);
  }
}

const std::string& TypeReader::name(Address type) {
  auto [entry, is_new] = names_.try_emplace(type);
  if (is_new) entry->second = read_type_name(type);
  return entry->second;
}

std::string TypeReader::read_type_name(Address type) {
  const AddressRange* types = module_of(type);
  if (types == nullptr) return {};
  auto offset = cache_->value<std::int32_t>(type + kStr);
  auto flags = cache_->value<std::uint8_t>(type + kTFlag);
  if (!offset || !flags || *offset <= 0) return {};
  auto name = read_name(types->start + static_cast<std::uint64_t>(*offset));
  if (!name) return {};
  if ((*flags & kExtraStar) != 0 && name->text.starts_with('*')) name->text.erase(0, 1);
  return std::move(name->text);
}

std::optional<TypeReader::Name> TypeReader::read_name(Address at) {
  auto is_in_module = [&](Address end) {
    return std::ranges::any_of(types_, [&](const AddressRange& types) {
      return types.contains(at) && types.contains(end);
    });
  };
  Name name;
  auto flags = cache_->value<std::uint8_t>(at);
  if (!flags || !is_in_module(at)) return std::nullopt;
  name.flags = *flags;
  std::uint64_t length = 0, length_bytes = 0;
  for (unsigned shift = 0; shift < 21; shift += 7) {
    auto byte = cache_->value<std::uint8_t>(at + ++length_bytes);
    if (!byte) return std::nullopt;
    length |= std::uint64_t{*byte & 0x7fU} << shift;
    if ((*byte & 0x80) == 0) break;
  }
  Address text = at + 1 + length_bytes;
  if (length > kMostNameBytes || !is_in_module(text + length)) return std::nullopt;
  name.text.resize(length);
  if (!cache_->read(text, std::as_writable_bytes(std::span(name.text)))) return std::nullopt;
  return name;
}

const StructType* TypeReader::find_struct(Address type) {
  auto [entry, is_new] = structs_.try_emplace(type);
  if (is_new) entry->second = read_struct(type);
  return entry->second ? &*entry->second : nullptr;
}

std::optional<StructType> TypeReader::read_struct(Address type) {
  if (kind(type) != TypeKind::kStruct) return std::nullopt;
  auto size = cache_->value<std::uint64_t>(type);
  auto count = cache_->value<std::uint64_t>(type + kFieldCount);
  if (!size || *size > kMostTypeBytes || !count || *count > kMostFields) return std::nullopt;
  StructType read{.size_bytes = *size, .members = {}};
  Address fields = cache_->pointer(type + kFields);
  std::uint64_t end = 0;
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto member = read_member(fields + i * kFieldBytes);
    if (!member || member->offset < end) return std::nullopt;
    end = std::uint64_t{member->offset} + member->size_bytes;
    if (end > *size) return std::nullopt;
    read.members.push_back(std::move(*member));
  }
  return read;
}

std::optional<TypeMember> TypeReader::read_member(Address at) {
  auto name = read_name(cache_->pointer(at));
  Address type = cache_->pointer(at + kFieldType);
  auto offset = cache_->value<std::uint64_t>(at + kFieldOffset);
  if (!name || !offset || *offset > kMostTypeBytes || kind(type) == TypeKind::kNone)
    return std::nullopt;
  auto size = cache_->value<std::uint64_t>(type);
  if (!size || *size > kMostTypeBytes) return std::nullopt;
  return TypeMember{std::move(name->text), type, static_cast<std::uint32_t>(*offset),
                    static_cast<std::uint32_t>(*size), (name->flags & kEmbedded) != 0};
}

Address TypeReader::element(Address type) {
  Address element;
  switch (kind(type)) {
    case TypeKind::kArray:
    case TypeKind::kChan:
    case TypeKind::kPointer:
    case TypeKind::kSlice:
      element = cache_->pointer(type + kElement);
      break;
    case TypeKind::kMap:
      element = cache_->pointer(type + kMapElement);
      break;
    default:
      return {};
  }
  return kind(element) == TypeKind::kNone ? Address() : element;
}

Address TypeReader::map_storage(Address type) {
  if (kind(type) != TypeKind::kMap) return {};
  Address storage = cache_->pointer(type + kMapStorage);
  return kind(storage) == TypeKind::kStruct ? storage : Address();
}

Address TypeReader::type_of_itab(Address itab) {
  if (!itab.is_aligned(8)) return {};
  Address type = cache_->pointer(itab + kItabType);
  if (kind(cache_->pointer(itab)) != TypeKind::kInterface) return {};
  return kind(type) == TypeKind::kNone ? Address() : type;
}

Address TypeReader::interface_of_itab(Address itab) {
  return type_of_itab(itab).is_null() ? Address() : cache_->pointer(itab);
}

Address TypeReader::type_of_interface(Address first_word) {
  Address type = type_of_itab(first_word);
  if (!type.is_null()) return type;
  return kind(first_word) == TypeKind::kNone ? Address() : first_word;
}

}  // namespace goshawk::goruntime
