// What the live objects of a heap are: by type, and what is of unknown type by where it lies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "findings/finding.h"

namespace goshawk::findings {

struct UnknownObjects {
  std::uint64_t slot_bytes = 0;  // 0: larger than the largest slot
  bool has_pointers = false;
  std::string held_by;  // the type of most objects of known type that lead there; "": none does
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
};

// Of all objects of a type.
struct TypeRow : TypeCost {
  // What would be freed if all of them were gone, themselves too, at least; 0: not added up.
  std::uint64_t retained_bytes = 0;
};

struct TypeTable {
  std::uint64_t total_bytes = 0;  // of all live objects
  std::uint64_t unknown_bytes = 0;
  std::vector<TypeRow> types;           // the largest first
  std::vector<UnknownObjects> unknown;  // the largest first
};

}  // namespace goshawk::findings
