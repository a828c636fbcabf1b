// Every struct type that the program describes: those of the runtime by their names, and which
// structs begin with a value of which type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/address.h"
#include "goruntime/types/type_reader.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class StructCatalog {
 public:
  // Reads all descriptors once.
  StructCatalog(const target::Memory& memory, TypeReader& types);

  // Of a package of the runtime, by its path: ("runtime", "runtime.hchan"). Null: there is none, or
  // there are several.
  Address find(std::string_view package, std::string_view name) const;

  // Whether a slot of so many bytes could hold a struct that begins with a value of `type` (or
  // with an array of them) and goes on behind it: a pointer to its start then says less than what
  // is there.
  bool may_begin_larger(Address type, bool as_array, std::uint64_t slot_bytes, bool noscan) const;

 private:
  void search(const target::Memory& memory, AddressRange chunk);
  void add(Address type);
  void note_beginnings(Address type);

  TypeReader& types_;
  std::unordered_map<std::string, Address> by_name_;  // "package name"; null: several
  std::unordered_set<std::uint64_t> beginnings_;
};

}  // namespace goshawk::goruntime
