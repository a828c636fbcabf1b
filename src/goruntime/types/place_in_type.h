// What lies at an offset inside of a value: the way there in Go's words, and the type at its end.
#pragma once

#include <cstdint>
#include <string>

#include "base/address.h"
#include "goruntime/types/type_reader.h"

namespace goshawk::goruntime {

struct PlaceInType {
  std::string path;                 // ".conns[...].buf"
  Address type;                     // of the innermost value that begins at or before the offset
  TypeKind kind = TypeKind::kNone;  // of that; never an array or a struct
  std::uint64_t offset = 0;         // inside of it: the data word of an interface has 8
  Address element;                  // of a pointer or a slice: what it leads to
};

// `offset` is below the type's size; else, or where the type cannot be read, the kind is kNone.
PlaceInType find_place(TypeReader& types, Address type, std::uint64_t offset);

// The way to the lock of package sync that begins at the offset: ".shards[3].mu"; "" when there is
// none, or when the value itself is it.
std::string find_lock(TypeReader& types, Address type, std::uint64_t offset);

}  // namespace goshawk::goruntime
