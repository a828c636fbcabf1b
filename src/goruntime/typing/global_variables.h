// The program's global variables: by the symbol table their names, by the debug information their
// types. A stripped program has neither.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/address.h"
#include "goruntime/program.h"
#include "goruntime/types/place_in_type.h"
#include "goruntime/types/type_reader.h"
#include "goruntime/typing/debug_types.h"

namespace goshawk::goruntime {

class GlobalVariables {
 public:
  GlobalVariables(const Program& program, TypeReader& types) : debug_(program, types) {}

  struct Variable {
    std::string name;
    std::uint64_t offset = 0;  // of the address in it
    std::uint64_t size_bytes = 0;
  };
  std::optional<Variable> find(Address address);
  using Part = DebugTypes::Part;
  // The outermost one at the variable's offset that has a descriptor; nullopt: not known.
  std::optional<Part> find_part(const Variable& variable);
  // What lies there, as find_place says it of a type; of a pointer or slice without a descriptor
  // the type is null. kNone: not known.
  PlaceInType find_place(const Variable& variable);
  // The whole variable's type, "" when it is not known.
  std::string type_name(const Variable& variable);
  // The pointer or slice there; nullopt: it is none, or not known.
  std::optional<binary::DwarfTypes::Lead> find_lead(const Variable& variable);
  DebugTypes& debug() { return debug_; }

 private:
  const binary::DwarfTypes* package_of(const Variable& variable);
  std::optional<Part> read_part(const Variable& variable);

  DebugTypes debug_;
  std::map<std::string, Address> whole_;  // variables that have a descriptor
};

}  // namespace goshawk::goruntime
