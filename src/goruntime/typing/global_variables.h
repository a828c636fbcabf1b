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
#include "goruntime/types/type_reader.h"

namespace goshawk::goruntime {

class GlobalVariables {
 public:
  GlobalVariables(const Program& program, TypeReader& types) : program_(program), types_(types) {}

  struct Variable {
    std::string name;
    std::uint64_t offset = 0;  // of the address in it
  };
  std::optional<Variable> find(Address address) const;
  // Its descriptor; null when it is not known.
  Address type_of(const std::string& name);

 private:
  Address read_type(std::string_view name);

  const Program& program_;
  TypeReader& types_;
  std::map<std::string, std::optional<binary::DwarfTypes>, std::less<>> packages_;
  std::map<std::string, Address> known_;
};

}  // namespace goshawk::goruntime
