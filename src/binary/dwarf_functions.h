// The variables of functions, from DWARF: where in its frame they lie at an instruction, and what a
// closure keeps of the function around it. For one thread at a time. Reads what Go's compiler
// writes, versions 4 and 5.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "binary/dwarf_entries.h"

namespace goshawk::binary {

// A part of a variable that lies in the frame: what is in registers is left out.
struct FramePart {
  std::int64_t place = 0;         // in bytes from the canonical frame address: the caller's sp
  std::uint64_t size_bytes = 0;   // 0: the whole variable
  std::uint64_t type = 0;         // the variable's, as the offset of its entry in .debug_info
  std::uint64_t offset = 0;       // of the part in the variable
  bool is_piece = false;          // other parts of the variable may lie elsewhere
  bool is_pointer_to_it = false;  // there lies the address of the variable, which is in the heap

  bool operator==(const FramePart&) const = default;
};

struct CapturedVariable {
  std::uint64_t offset = 0;  // in the closure, whose first word is its code's address
  std::uint64_t type = 0;    // as above

  bool operator==(const CapturedVariable&) const = default;
};

class DwarfFunctions {
 public:
  explicit DwarfFunctions(std::shared_ptr<DwarfEntries> entries);

  // Of the function that the instruction is in, and of those that are inlined into it. Addresses as
  // linked, without load bias. Empty: there are none, or they cannot be read.
  std::vector<FramePart> find_frame_parts(Address pc);
  // Of the function that begins there. From Go 1.23 on; before, the compiler did not tell.
  std::vector<CapturedVariable> find_captured(Address entry);

 private:
  struct Function {
    Address begin, end;
    std::uint64_t offset = 0;  // of its entry
  };
  struct Unit {
    DwarfUnit header;
    bool was_listed = false;
    std::vector<Function> functions;  // by address
  };

  // A part of a unit's code.
  struct UnitRange {
    AddressRange code;
    std::size_t unit = 0;
  };

  void list_units();
  void list_ranges(std::size_t unit);
  Unit* find_unit(Address pc);
  void list_functions(Unit& unit);
  const Function* find_function(Unit& unit, Address pc);
  template <typename Visit>
  void visit_variables(const Unit& unit, const Function& function, Visit visit);
  std::optional<std::uint64_t> find_type(const DwarfEntry& variable);
  const DwarfUnit* unit_of_entry(std::uint64_t offset) const;
  template <typename Visit>
  void visit_list(const DwarfUnit& unit, ByteView lists, std::uint64_t at, bool of_locations,
                  Visit visit);
  ByteView find_expression(const Unit& unit, std::uint64_t list, Address pc);

  std::shared_ptr<DwarfEntries> entries_;
  std::vector<Unit> units_;             // those with code
  std::vector<UnitRange> ranges_;       // by address
  std::vector<DwarfUnit> all_;          // by their offset in .debug_info
  std::uint64_t steps_left_ = 1 << 26;  // entries and list entries, in all
};

}  // namespace goshawk::binary
