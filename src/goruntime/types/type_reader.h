// What a program's type descriptors say of its types: name, kind, size, fields, elements. They are
// in every binary, stripped or not, and do not change while the program runs; types that reflection
// makes at run time lie in the heap and are not known here.
// Follows internal/abi/type.go; all of it is foreign bytes, and what contradicts itself is no type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/modules.h"

namespace goshawk::goruntime {

// abi.Kind, as far as it is asked for.
enum class TypeKind : std::uint8_t {
  kNone = 0,
  kArray = 17,
  kChan = 18,
  kFunc = 19,
  kInterface = 20,
  kMap = 21,
  kPointer = 22,
  kSlice = 23,
  kString = 24,
  kStruct = 25,
  kUnsafePointer = 26,
};

struct TypeMember {
  std::string name;
  Address type;
  std::uint32_t offset = 0, size_bytes = 0;
  bool embedded = false;

  bool operator==(const TypeMember&) const = default;
};

struct StructType {
  std::uint64_t size_bytes = 0;
  std::vector<TypeMember> members;  // in order, none overlaps another
};

class TypeReader {
 public:
  struct Name {
    std::uint8_t flags = 0;  // 8: embedded, of a field's name
    std::string text;
  };

  TypeReader(PageCache& cache, const Modules& modules);
  // `types`: a module's [types, etypes).
  TypeReader(PageCache& cache, AddressRange types) : cache_(&cache), types_{types} {}

  TypeKind kind(Address type);  // kNone when the address is not a type of any module
  bool is_channel(Address type) { return kind(type) == TypeKind::kChan; }
  // 0 when it is no type, or of a size that none has.
  std::uint64_t size_bytes(Address type);
  // The prefix of a value that holds all its pointers; at most its size.
  std::uint64_t pointer_bytes(Address type);
  // As the program's author would write it; "" when the address is no type, or its name cannot be
  // read.
  const std::string& name(Address type);
  // nullptr when it is no struct, or its fields do not lie in it one behind the other.
  const StructType* find_struct(Address type);
  // Of an array, a slice, a pointer, a channel; of a map its values. Null when there is none.
  Address element(Address type);
  // Whether one is the other under another name, so that the program may convert pointers to them.
  bool is_same_underlying(Address one, Address other);
  // Where a map's entries are kept: a bucket, or (since Swiss tables) a group of slots.
  Address map_storage(Address type);
  // The dynamic type of a non-empty interface's first word; null when that is no itab of a module's
  // type.
  Address type_of_itab(Address itab);
  // And its interface.
  Address interface_of_itab(Address itab);
  // The dynamic type that an interface's first word names, be it a type or an itab (which may lie
  // among the types); null when it is neither.
  Address type_of_interface(Address first_word);

  std::optional<Name> read_name(Address at);
  const std::vector<AddressRange>& ranges() const { return types_; }

 private:
  const AddressRange* module_of(Address type) const;
  std::string read_type_name(Address type);
  std::optional<StructType> read_struct(Address type);
  std::optional<TypeMember> read_member(Address at);

  PageCache* cache_;
  std::vector<AddressRange> types_;
  std::unordered_map<Address, std::string> names_;
  std::unordered_map<Address, std::optional<StructType>> structs_;
};

}  // namespace goshawk::goruntime
