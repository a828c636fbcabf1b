// Every struct type that the program describes: those of the runtime by their names, and which
// structs begin with a value of which type; and its map types, by where their entries are kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/address.h"
#include "goruntime/types/type_reader.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class StructCatalog {
 public:
  // Reads all descriptors once.
  StructCatalog(const target::Memory& memory, TypeReader& types);

  // Of a package of the runtime, sync or container/list, by its path: ("runtime", "runtime.hchan").
  // Null: there is none, or there are several.
  Address find(std::string_view package, std::string_view name) const;

  // All of them, in the order of their descriptors; what only looks like one may be among them.
  const std::vector<Address>& structs() const { return structs_; }
  // Of each way in which entries are kept, as find_map().
  std::vector<Address> maps() const;

  // Whether a slot of so many bytes could hold a struct that begins with a value of `type` (or
  // with an array of them) and goes on behind it: a pointer to its start then says less than what
  // is there.
  bool may_begin_larger(Address type, bool as_array, std::uint64_t slot_bytes, bool noscan) const;

  // What a slot with pointers holds that a pointer to a `type`, a struct that does not fill it,
  // leads to the start of: the only struct that begins with one and fills it. Null: there is none,
  // or there are several, or it may be an array.
  Address find_only_larger(Address type, std::uint64_t slot_bytes, std::uint64_t header_bytes);

  // Whether all structs of such a slot that begin with a `part` begin with an `intermediate`, which
  // begins with a `part` too.
  bool begin_with(Address part, Address intermediate, std::uint64_t slot_bytes);

  // The map type whose entries are kept in values of `storage`. Of several that without a name of
  // its own, which is what the others are underneath; null: there is none.
  Address find_map(Address storage) const;

 private:
  void search(const target::Memory& memory, AddressRange chunk);
  void add(Address type);
  void add_map(Address type);
  void note_beginnings(Address type);
  void note_larger(Address part, Address whole);

  TypeReader& types_;
  std::vector<Address> structs_;
  std::unordered_map<std::string, Address> by_name_;  // "package name"; null: several
  std::unordered_set<std::uint64_t> beginnings_;
  std::unordered_map<Address, std::vector<Address>> larger_;  // structs, by structs they begin with
  struct MapType {
    Address type;  // null: several
    bool named = false;
  };
  std::unordered_map<Address, MapType> maps_;  // by storage
};

}  // namespace goshawk::goruntime
