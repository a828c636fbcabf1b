// Debugging information entries of .debug_info, one at a time: units, abbreviations, attribute
// forms. Knows DWARF's encoding (versions 2 to 5, 32- and 64-bit), nothing of what entries mean.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "binary/elf_file.h"
#include "binary/section_contents.h"

namespace goshawk::binary {

struct AttributeSpec {
  std::uint16_t attribute = 0;  // DW_AT_name ...
  std::uint16_t form = 0;       // DW_FORM_string ...
  std::int64_t implicit_const = 0;
};

struct Abbreviation {
  std::uint64_t code = 0;
  std::uint16_t tag = 0;  // DW_TAG_structure_type ...
  bool has_children = false;
  std::vector<AttributeSpec> attributes;
};

// Parsed only as far as codes are asked for: of most units only the root entry is wanted.
class AbbreviationTable {
 public:
  AbbreviationTable(ByteView bytes, std::uint64_t offset, std::uint64_t* budget)
      : bytes_(bytes), position_(offset), budget_(budget) {}
  const Abbreviation* find(std::uint64_t code);  // until the next call; nullptr: malformed

 private:
  bool parse_next();

  ByteView bytes_;
  std::uint64_t position_;
  std::uint64_t* budget_;
  std::vector<Abbreviation> entries_;  // the nth has mostly code n + 1
  std::unordered_map<std::uint64_t, std::size_t> other_codes_;
};

// A unit's header, and of its root entry what the reading of others needs.
struct DwarfUnit {
  std::uint64_t offset = 0, end = 0;  // in .debug_info
  std::uint64_t first_entry = 0;      // the root entry
  std::uint64_t first_child = 0;      // behind the root entry; == end when it has no children
  std::uint16_t version = 0;
  std::uint8_t address_size = 8;
  std::uint8_t offset_size = 4;
  AbbreviationTable* abbreviations = nullptr;
  std::string_view name;  // DW_AT_name of the root
  std::uint64_t language = 0;
  std::uint64_t str_offsets_base = 0, addr_base = 0;
  std::optional<Address> low_pc;        // of the root: where its code begins
  std::optional<std::uint64_t> ranges;  // and the list of all of it
};

// One attribute's value, as far as its form tells.
struct AttributeValue {
  enum class Kind : std::uint8_t {
    kOther,
    kUnsigned,
    kSigned,
    kText,
    kReference,
    kBlock,
    kAddress,
    kAddressIndex  // in .debug_addr
  };
  Kind kind = Kind::kOther;
  std::uint64_t number = 0;  // kSigned as two's complement; kReference as offset in .debug_info
  std::string_view text;
  ByteView block;
};

// The attributes that this project asks for.
struct DwarfEntry {
  std::uint64_t offset = 0;
  std::uint64_t next = 0;  // behind its attributes: its first child, or its sibling
  std::uint16_t tag = 0;   // 0: the end of a list of children
  bool has_children = false;
  std::string_view name;
  AttributeValue type, byte_size, member_location, const_value, location, language,
      str_offsets_base, addr_base, upper_bound, count, low_pc, high_pc, ranges, abstract_origin,
      go_runtime_type, go_closure_offset;
};

// An entry without its attributes but the name, for walking fast.
struct DwarfEntryHead {
  std::uint64_t offset = 0;
  std::uint64_t behind = 0;  // its children too
  std::uint16_t tag = 0;     // 0: the end of a list of children
  std::string_view name;
};

class DwarfEntries {
 public:
  static Result<DwarfEntries> open(const ElfFile& elf);

  std::uint64_t size_bytes() const { return info_.size_bytes(); }
  // The unit that starts there; nullopt: the end, or nothing that can be read.
  std::optional<DwarfUnit> read_unit(std::uint64_t offset);
  std::optional<DwarfEntry> read_entry(const DwarfUnit& unit, std::uint64_t offset);
  std::optional<DwarfEntryHead> read_head(const DwarfUnit& unit, std::uint64_t offset);
  // The offset behind an entry and all below it.
  std::optional<std::uint64_t> skip_children(const DwarfUnit& unit, const DwarfEntry& entry);
  // DW_OP_addr or DW_OP_addrx alone.
  std::optional<Address> find_address(const DwarfUnit& unit, const AttributeValue& location);
  // Of kAddress or kAddressIndex.
  std::optional<Address> find_pc(const DwarfUnit& unit, const AttributeValue& value);
  std::optional<Address> find_indexed(const DwarfUnit& unit, std::uint64_t index);
  // What attributes of this unit point into.
  ByteView location_lists(const DwarfUnit& unit);
  ByteView range_lists(const DwarfUnit& unit);

 private:
  explicit DwarfEntries(const ElfFile& elf, SectionContents info);
  ByteView other_section(std::optional<SectionContents>& section, const char* name);
  AttributeValue read_value(const DwarfUnit& unit, const AttributeSpec& spec, Cursor& cursor);
  bool skip_value(const DwarfUnit& unit, std::uint16_t form, Cursor& cursor);
  std::string_view string_at(std::optional<SectionContents>& section, const char* name,
                             std::uint64_t offset);
  std::string_view indexed_string(const DwarfUnit& unit, std::uint64_t index);
  std::optional<DwarfEntry> read_entry(const DwarfUnit& unit, Cursor& cursor);
  bool skip_entry(const DwarfUnit& unit, Cursor& cursor, const Abbreviation*& abbreviation);
  bool skip_tree(const DwarfUnit& unit, Cursor& cursor);
  std::optional<DwarfEntryHead> read_head(const DwarfUnit& unit, Cursor& cursor);
  ByteView unit_bytes(const DwarfUnit& unit, std::uint64_t end);
  AbbreviationTable* abbreviations_at(std::uint64_t offset);

  const ElfFile* elf_;
  SectionContents info_;
  std::optional<SectionContents> abbrev_, str_, line_str_, str_offsets_, addr_, loc_, loclists_,
      ranges_, rnglists_;
  // Stable addresses: units point to their table.
  std::unordered_map<std::uint64_t, std::unique_ptr<AbbreviationTable>> tables_;
  std::unique_ptr<std::uint64_t> abbreviation_budget_;
};

}  // namespace goshawk::binary
