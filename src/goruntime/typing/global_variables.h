// The program's global variables: by the symbol table their names, by the debug information their
// types. A stripped program has neither.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "binary/dwarf_types.h"
#include "goruntime/program.h"
#include "goruntime/types/place_in_type.h"
#include "goruntime/types/type_reader.h"

namespace goshawk::goruntime {

class GlobalVariables {
 public:
  GlobalVariables(const Program& program, TypeReader& types) : program_(program), types_(types) {}

  struct Variable {
    std::string name;
    std::uint64_t offset = 0;  // of the address in it
    std::uint64_t size_bytes = 0;
  };
  std::optional<Variable> find(Address address) const;
  // A part of it that has a descriptor, or a pointer or slice that leads to such.
  struct Part {
    std::string path;  // in the variable: ".shards[3]"
    Address type;      // null: a pointer or slice of `element` without a descriptor of its own
    Address element;
    bool is_slice = false;
    std::uint64_t offset = 0;  // in it
  };
  // The outermost one at the variable's offset; nullopt: not known.
  std::optional<Part> find_part(const Variable& variable);
  // What lies there, as find_place says it of a type; of a pointer or slice without a descriptor
  // the type is null. kNone: not known.
  PlaceInType find_place(const Variable& variable);

 private:
  std::optional<Part> read_part(const Variable& variable);

  const Program& program_;
  TypeReader& types_;
  std::map<std::string, std::optional<binary::DwarfTypes>, std::less<>> packages_;
  std::map<std::string, Address> whole_;  // variables that have a descriptor
};

}  // namespace goshawk::goruntime
