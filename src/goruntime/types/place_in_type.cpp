// Down through structs and arrays until something is neither. What stands for a pointer of known
// type in a type without one (atomic.Pointer) is taken as that pointer.
#include "goruntime/types/place_in_type.h"

#include <fmt/format.h>

namespace goshawk::goruntime {
namespace {

constexpr int kDeepest = 64;

// atomic.Pointer[T] is struct { _ [0]*T; _ noCopy; v unsafe.Pointer }.
Address pointer_of_atomic(TypeReader& types, Address type, const StructType& found) {
  if (found.members.empty() || !types.name(type).starts_with("atomic.Pointer[")) return {};
  Address first = found.members.front().type;
  return types.kind(first) == TypeKind::kArray ? types.element(first) : Address();
}

bool is_lock(std::string_view type) {
  return type == "sync.Mutex" || type == "sync.RWMutex" || type == "sync.WaitGroup" ||
         type == "sync.Cond";
}

const TypeMember* member_at(const StructType& in, std::uint64_t offset) {
  for (const TypeMember& member : in.members)
    if (member.offset <= offset && offset < std::uint64_t{member.offset} + member.size_bytes)
      return &member;
  return nullptr;
}

}  // namespace

PlaceInType find_place(TypeReader& types, Address type, std::uint64_t offset) {
  PlaceInType place;
  for (int depth = 0; depth < kDeepest; ++depth) {
    TypeKind kind = types.kind(type);
    if (kind == TypeKind::kArray) {
      Address element = types.element(type);
      std::uint64_t size = types.size_bytes(element);
      if (size == 0) return {};
      place.path += "[...]";
      offset %= size;
      type = element;
    } else if (kind == TypeKind::kStruct) {
      const StructType* found = types.find_struct(type);
      if (found == nullptr) return {};
      if (Address pointer = pointer_of_atomic(types, type, *found); !pointer.is_null()) {
        type = pointer;
        offset = 0;
        continue;
      }
      const TypeMember* member = member_at(*found, offset);
      if (member == nullptr) return {};
      // An embedded field is passed through without its name, as Go promotes what is in it.
      if (!member->embedded) place.path += "." + member->name;
      offset -= member->offset;
      type = member->type;
    } else {
      if (kind == TypeKind::kNone || offset >= types.size_bytes(type)) return {};
      place.type = type;
      place.kind = kind;
      place.offset = offset;
      if (kind == TypeKind::kPointer || kind == TypeKind::kSlice)
        place.element = types.element(type);
      return place;
    }
  }
  return {};
}

std::string find_lock(TypeReader& types, Address type, std::uint64_t offset) {
  std::string path;
  for (int depth = 0; depth < kDeepest; ++depth) {
    if (offset == 0 && is_lock(types.name(type))) return path;
    TypeKind kind = types.kind(type);
    if (kind == TypeKind::kArray) {
      Address element = types.element(type);
      std::uint64_t size = types.size_bytes(element);
      if (size == 0) return {};
      path += fmt::format("[{}]", offset / size);
      offset %= size;
      type = element;
      continue;
    }
    const StructType* found = kind == TypeKind::kStruct ? types.find_struct(type) : nullptr;
    const TypeMember* member = found != nullptr ? member_at(*found, offset) : nullptr;
    if (member == nullptr) return {};
    if (!member->embedded) path += "." + member->name;
    offset -= member->offset;
    type = member->type;
  }
  return {};
}

}  // namespace goshawk::goruntime
