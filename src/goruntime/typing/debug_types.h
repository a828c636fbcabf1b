// Types that the debug information tells of, as those of the program's type descriptors.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "binary/dwarf_entries.h"
#include "binary/dwarf_functions.h"
#include "binary/dwarf_types.h"
#include "binary/symbol_index.h"
#include "goruntime/program.h"
#include "goruntime/types/place_in_type.h"
#include "goruntime/types/type_reader.h"

namespace goshawk::goruntime {

class DebugTypes {
 public:
  DebugTypes(const Program& program, TypeReader& types) : program_(program), types_(types) {}

  // A part of a variable that has a descriptor, or a pointer or slice that leads to such.
  struct Part {
    std::string path;  // in the variable: ".shards[3]"
    Address type;      // null: a pointer or slice of `element` without a descriptor of its own
    Address element;
    bool is_slice = false;
    std::uint64_t offset = 0;  // in it
  };
  // What the debug information says is believed only where the descriptor has the same name.
  std::optional<Part> part(const binary::DwarfTypes::PlaceInVariable& found) const;
  // What lies there, as find_place says it of a type; of a pointer or slice without a descriptor
  // the type is null. kNone: not known.
  PlaceInType place(const std::optional<Part>& part);

  // ".shards[3].buf" is ".shards[...].buf" where it is about all of them.
  static std::string without_indices(std::string_view path);

  // "*a/b/cart.Cart" is "*cart.Cart" where Go writes it.
  static std::string without_folders(std::string_view type);

  // nullptr: there is no debug information, or none of this package.
  const binary::DwarfTypes* of_package(std::string_view package);
  binary::DwarfFunctions* functions();
  const binary::SymbolIndex* symbols();  // nullptr: there is no file
  // From a link-time address to where it is loaded; nullopt: not known.
  std::optional<std::uint64_t> bias();

 private:
  const std::shared_ptr<binary::DwarfEntries>& entries();

  const Program& program_;
  TypeReader& types_;
  bool entries_asked_ = false, bias_asked_ = false;
  std::shared_ptr<binary::DwarfEntries> entries_;
  std::map<std::string, std::optional<binary::DwarfTypes>, std::less<>> packages_;
  std::optional<binary::DwarfFunctions> functions_;
  std::optional<binary::SymbolIndex> symbols_;
  std::optional<std::uint64_t> bias_;
};

}  // namespace goshawk::goruntime
