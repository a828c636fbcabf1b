// Structure layouts, constants and variables of one package, from DWARF, by need: unit headers are
// hopped over until the package's unit is found, and nothing behind what was asked for is
// decompressed. For one thread at a time. Versions 4 and 5. Reads what Go's linker writes; C units
// are hopped over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "binary/dwarf_entries.h"
#include "binary/elf_file.h"

namespace goshawk::binary {

class DwarfTypes {
 public:
  struct Member {
    std::string name;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
    std::string type;  // "runtime.mutex", "*runtime.g", "uint32"; "" when it has no name
  };
  struct Struct {
    std::string name;
    std::uint64_t size_bytes = 0;
    std::vector<Member> members;  // one level
  };

  // The unit of `package`; Missing when there is no DWARF, or none of that package. `elf` must
  // outlive it.
  static Result<DwarfTypes> open(const ElfFile& elf, std::string_view package = "runtime");
  // The same, of entries that others read too.
  static Result<DwarfTypes> open(std::shared_ptr<DwarfEntries> entries, const ElfFile& elf,
                                 std::string_view package);
  DwarfTypes(DwarfTypes&&) noexcept;
  DwarfTypes& operator=(DwarfTypes&&) noexcept;
  ~DwarfTypes();

  // A name that is found costs the way to it, most of the runtime's 1 ms and less; the first one
  // that is absent costs the walk over all types of the program (0.04 s for a binary of 140 MB),
  // later ones nothing. Types are found in package runtime only: there the linker puts those of all
  // packages. Names are whole: "runtime.g", "internal/abi.Type". nullopt: not in there, or not
  // readable.
  std::optional<Struct> find_struct(std::string_view name) const;
  std::optional<std::uint64_t> find_size(std::string_view type) const;  // of any named type
  // One level ("goid") or a dotted path ("heap.sweepgen"); offset from the outermost structure.
  std::optional<Member> find_member(std::string_view structure, std::string_view path) const;
  std::optional<std::int64_t> find_constant(
      std::string_view name) const;  // "runtime._Gwaiting" or "_Gwaiting"
  std::optional<Address> find_variable(
      std::string_view name) const;  // as linked, without load bias
  // A type's name, and where Go's linker says that its descriptor is, in bytes from the start of
  // all descriptors (DW_AT_go_runtime_type). The caller checks that it is there.
  struct RuntimeType {
    std::string name;
    std::uint64_t offset = 0;
  };
  // What lies at an offset in a variable: down through structures and arrays to the outermost one
  // with a descriptor (a type that is never allocated has none), or to a pointer or slice of such.
  struct PlaceInVariable {
    enum class Leads : std::uint8_t { kItself, kPointer, kSlice };
    std::string path;  // ".sessions[3].buf"
    RuntimeType type;
    Leads leads = Leads::kItself;  // else there is a pointer or slice, which leads to `type`
    std::uint64_t offset = 0;      // inside of what is there
  };
  std::optional<PlaceInVariable> find_place_in_variable(std::string_view name,
                                                        std::uint64_t offset) const;
  // The same of a type, by the offset of its entry in .debug_info.
  std::optional<PlaceInVariable> find_place_in_type(std::uint64_t type, std::uint64_t offset) const;
  // As the debug information spells it: "*example.com/shop/cart.Cart". nullopt: it has no name.
  std::optional<std::string> find_type_of_variable(std::string_view name) const;
  // The pointer or slice at an offset in a variable or a type, and the type that it leads to, with
  // a descriptor or without.
  struct Lead {
    std::string path;
    std::uint64_t type = 0;  // as above
    bool is_slice = false;
  };
  std::optional<Lead> find_lead_in_variable(std::string_view name, std::uint64_t offset) const;
  std::optional<Lead> find_lead_in_type(std::uint64_t type, std::uint64_t offset) const;
  std::optional<RuntimeType> find_described(std::string_view type) const;  // by its name
  std::optional<std::uint64_t> find_size_of_type(std::uint64_t type) const;

 private:
  struct State;
  explicit DwarfTypes(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace goshawk::binary
