// A unit tells which code is its own, in parts, as functions of several packages may stand in turn;
// the functions of a unit are listed when the first one is asked for.
//
// Variables lie below their function, those of inlined functions one level deeper, with name and
// type where the inlined function is described (DW_AT_abstract_origin). Lexical blocks are passed
// through: whether a variable is alive is for whoever asks to know.
//
// Locations are understood as Go's compiler writes them (cmd/compile/internal/ssa/debug.go,
// dwarfgen/dwarf.go): DW_OP_fbreg or DW_OP_call_frame_cfa, behind it perhaps DW_OP_deref (a
// variable that was moved to the heap), or pieces of these, of registers and of nothing. Anything
// else: the variable has no parts.
#include "binary/dwarf_functions.h"

#include <algorithm>

#include "binary/dwarf_constants.h"

namespace goshawk::binary {
namespace {

constexpr std::size_t kMostUnits = 1 << 18;
constexpr std::size_t kMostRanges = 1 << 22;
constexpr std::size_t kMostParts = 4096;  // of one function's variables
constexpr std::size_t kDeepest = 64;      // blocks and inlined functions in each other

std::int64_t read_signed(Cursor& cursor) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    std::uint8_t byte = cursor.u8();
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) != 0) continue;
    if ((byte & 0x40) != 0 && shift + 7 < 64) value |= ~std::uint64_t{0} << (shift + 7);
    return static_cast<std::int64_t>(value);
  }
  cursor.skip(~std::uint64_t{0});  // fails it
  return 0;
}

// Of one variable. False: not understood.
bool add_parts(ByteView expression, FramePart part, std::vector<FramePart>& parts) {
  std::size_t before = parts.size();
  Cursor cursor(expression);
  bool is_there = false, any_piece = false;
  auto end_part = [&](std::uint64_t size_bytes) {
    part.size_bytes = size_bytes;
    if (is_there && parts.size() < kMostParts) parts.push_back(part);
    is_there = false;
    part.is_pointer_to_it = false;
    part.offset += size_bytes;
  };
  bool understood = true;
  while (understood && !cursor.at_end()) {
    std::uint8_t operation = cursor.u8();
    switch (operation) {
      case DW_OP_fbreg:
      case DW_OP_call_frame_cfa:
        understood = !is_there;
        part.place = operation == DW_OP_fbreg ? read_signed(cursor) : 0;
        is_there = true;
        break;
      case DW_OP_deref:
        understood = is_there && !any_piece && cursor.at_end();
        part.is_pointer_to_it = true;
        break;
      case DW_OP_regx:
        cursor.uvarint();
        break;
      case DW_OP_piece:
        any_piece = part.is_piece = true;
        end_part(cursor.uvarint());
        break;
      default:
        understood = operation >= DW_OP_reg0 && operation <= DW_OP_reg31;
    }
  }
  if (!any_piece) end_part(0);
  if (understood && !cursor.failed() && !is_there) return true;
  parts.resize(before);
  return false;
}

}  // namespace

DwarfFunctions::DwarfFunctions(std::shared_ptr<DwarfEntries> entries)
    : entries_(std::move(entries)) {
  list_units();
}

void DwarfFunctions::list_units() {
  for (std::uint64_t at = 0; at < entries_->size_bytes() && all_.size() < kMostUnits;) {
    auto unit = entries_->read_unit(at);
    if (!unit) break;
    at = unit->end;
    all_.push_back(*unit);
    if (!unit->low_pc || unit->language != DW_LANG_Go) continue;
    units_.push_back({.header = *unit, .functions = {}});
    list_ranges(units_.size() - 1);
  }
  std::ranges::sort(ranges_, {}, [](const UnitRange& range) { return range.code.start; });
}

void DwarfFunctions::list_ranges(std::size_t unit) {
  const DwarfUnit& header = units_[unit].header;
  if (!header.ranges) return;
  visit_list(header, entries_->range_lists(header), *header.ranges, false,
             [&](AddressRange code, ByteView) {
               if (ranges_.size() < kMostRanges) ranges_.push_back({code, unit});
               return true;
             });
}

DwarfFunctions::Unit* DwarfFunctions::find_unit(Address pc) {
  auto after = std::ranges::upper_bound(ranges_, pc, {},
                                        [](const UnitRange& range) { return range.code.start; });
  if (after == ranges_.begin() || pc >= std::prev(after)->code.end) return nullptr;
  return &units_[std::prev(after)->unit];
}

// Ranges of addresses, each with an expression if it is one of locations, until `visit` says false.
// The kinds of entries that Go's compiler and linker write; any other one ends the list.
template <typename Visit>
void DwarfFunctions::visit_list(const DwarfUnit& unit, ByteView lists, std::uint64_t at,
                                bool of_locations, Visit visit) {
  Cursor cursor(lists, at);
  Address base = *unit.low_pc;
  while (!cursor.failed() && steps_left_ > 0) {
    --steps_left_;
    AddressRange range;
    if (unit.version < 5) {
      std::uint64_t first = cursor.u64(), second = cursor.u64();
      if (first == 0 && second == 0) return;
      if (first == ~std::uint64_t{0}) {
        base = Address(second);
        continue;
      }
      range = {base + first, base + second};
    } else {
      std::uint8_t kind = cursor.u8();
      // Numbered alike, but for one kind that only location lists have.
      if (of_locations && kind == DW_LLE_default_location) return;
      if (of_locations && kind > DW_LLE_default_location) --kind;
      if (kind == DW_RLE_base_addressx) {
        auto found = entries_->find_indexed(unit, cursor.uvarint());
        if (!found) return;
        base = *found;
        continue;
      }
      if (kind == DW_RLE_base_address) {
        base = Address(cursor.u64());
        continue;
      }
      if (kind == DW_RLE_offset_pair) {
        range.start = base + cursor.uvarint();
        range.end = base + cursor.uvarint();
      } else if (kind == DW_RLE_start_end) {
        range.start = Address(cursor.u64());
        range.end = Address(cursor.u64());
      } else if (kind == DW_RLE_start_length) {
        range.start = Address(cursor.u64());
        range.end = range.start + cursor.uvarint();
      } else {
        return;
      }
    }
    ByteView expression;
    if (of_locations)
      expression = cursor.bytes(unit.version >= 5 ? cursor.uvarint() : std::uint64_t{cursor.u16()});
    if (cursor.failed() || (range.start < range.end && !visit(range, expression))) return;
  }
}

void DwarfFunctions::list_functions(Unit& unit) {
  unit.was_listed = true;
  for (std::uint64_t at = unit.header.first_child; at < unit.header.end && steps_left_ > 0;) {
    --steps_left_;
    auto entry = entries_->read_entry(unit.header, at);
    if (!entry || entry->tag == 0) break;
    if (entry->tag == DW_TAG_subprogram) {
      auto begin = entries_->find_pc(unit.header, entry->low_pc);
      // The end, or how far it is from the beginning.
      auto end = entries_->find_pc(unit.header, entry->high_pc);
      if (begin && !end && entry->high_pc.kind == AttributeValue::Kind::kUnsigned)
        end = *begin + entry->high_pc.number;
      if (begin && end && *begin < *end) unit.functions.push_back({*begin, *end, entry->offset});
    }
    auto behind = entries_->skip_children(unit.header, *entry);
    if (!behind) break;
    at = *behind;
  }
  std::ranges::sort(unit.functions, {}, &Function::begin);
}

const DwarfFunctions::Function* DwarfFunctions::find_function(Unit& unit, Address pc) {
  if (!unit.was_listed) list_functions(unit);
  auto after = std::ranges::upper_bound(unit.functions, pc, {}, &Function::begin);
  if (after == unit.functions.begin()) return nullptr;
  const Function& function = *std::prev(after);
  return pc < function.end ? &function : nullptr;
}

const DwarfUnit* DwarfFunctions::unit_of_entry(std::uint64_t offset) const {
  auto after = std::ranges::upper_bound(all_, offset, {}, &DwarfUnit::offset);
  if (after == all_.begin()) return nullptr;
  const DwarfUnit& unit = *std::prev(after);
  return offset < unit.end ? &unit : nullptr;
}

template <typename Visit>
void DwarfFunctions::visit_variables(const Unit& unit, const Function& function, Visit visit) {
  auto entry = entries_->read_entry(unit.header, function.offset);
  if (!entry || !entry->has_children) return;
  std::size_t depth = 1;
  std::uint64_t at = entry->next;
  while (depth > 0 && steps_left_ > 0) {
    --steps_left_;
    entry = entries_->read_entry(unit.header, at);
    if (!entry) return;
    at = entry->next;
    if (entry->tag == 0) {
      --depth;
      continue;
    }
    if (entry->has_children && ++depth > kDeepest) return;
    if (entry->tag == DW_TAG_variable || entry->tag == DW_TAG_formal_parameter)
      visit(*entry, depth);
  }
}

std::optional<std::uint64_t> DwarfFunctions::find_type(const DwarfEntry& variable) {
  using Kind = AttributeValue::Kind;
  if (variable.type.kind == Kind::kReference) return variable.type.number;
  if (variable.abstract_origin.kind != Kind::kReference) return std::nullopt;
  const DwarfUnit* unit = unit_of_entry(variable.abstract_origin.number);
  auto origin = unit ? entries_->read_entry(*unit, variable.abstract_origin.number) : std::nullopt;
  if (!origin || origin->type.kind != Kind::kReference) return std::nullopt;
  return origin->type.number;
}

// What a location list says of an instruction; empty: nothing, or what cannot be read.
ByteView DwarfFunctions::find_expression(const Unit& unit, std::uint64_t list, Address pc) {
  ByteView found;
  visit_list(unit.header, entries_->location_lists(unit.header), list, true,
             [&](AddressRange range, ByteView expression) {
               if (range.contains(pc)) found = expression;
               return !range.contains(pc);
             });
  return found;
}

std::vector<FramePart> DwarfFunctions::find_frame_parts(Address pc) {
  std::vector<FramePart> parts;
  Unit* unit = find_unit(pc);
  const Function* function = unit != nullptr ? find_function(*unit, pc) : nullptr;
  if (function == nullptr) return parts;
  visit_variables(*unit, *function, [&](const DwarfEntry& variable, std::size_t) {
    bool is_list = variable.location.kind == AttributeValue::Kind::kUnsigned;
    ByteView expression =
        is_list ? find_expression(*unit, variable.location.number, pc) : variable.location.block;
    auto type = expression.empty() ? std::nullopt : find_type(variable);
    if (type) add_parts(expression, {.type = *type}, parts);
  });
  return parts;
}

std::vector<CapturedVariable> DwarfFunctions::find_captured(Address entry) {
  std::vector<CapturedVariable> captured;
  Unit* unit = find_unit(entry);
  const Function* function = unit != nullptr ? find_function(*unit, entry) : nullptr;
  if (function == nullptr || function->begin != entry) return captured;
  visit_variables(*unit, *function, [&](const DwarfEntry& variable, std::size_t depth) {
    if (depth != 1 || variable.go_closure_offset.kind != AttributeValue::Kind::kUnsigned ||
        captured.size() >= kMostParts)
      return;
    if (auto type = find_type(variable))
      captured.push_back({variable.go_closure_offset.number, *type});
  });
  return captured;
}

}  // namespace goshawk::binary
