// DWARF 5, sections 7.4 to 7.6; GNU's extensions where linkers emit them.
//
// Strings and blocks are views into section contents, which never move. .debug_info is decompressed
// as far as an entry needs; an entry that runs over the decompressed part is tried again with twice
// as much. Every entry takes at least one byte, so that any walk ends with its unit.
#include "binary/dwarf_entries.h"

#include <algorithm>

#include "binary/dwarf_constants.h"

namespace goshawk::binary {
namespace {

constexpr std::uint64_t kRootBytes = 4096;      // a header and a root entry mostly fit
constexpr std::uint64_t kEntryBytes = 4096;     // so does an entry
constexpr std::uint64_t kTreeBytes = 64 << 10;  // and an entry with its children
constexpr std::uint64_t kAbbreviationLimit =
    8 << 20;  // attributes in all tables: hostile files repeat them

std::int64_t read_svarint(Cursor& cursor) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70 && !cursor.failed(); shift += 7) {
    std::uint8_t byte = cursor.u8();
    if (shift < 64) value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) != 0) continue;
    if ((byte & 0x40) != 0 && shift + 7 < 64) value |= ~std::uint64_t{0} << (shift + 7);
    return static_cast<std::int64_t>(value);
  }
  cursor.skip(~std::uint64_t{0});  // fails it
  return 0;
}

std::uint64_t read_sized(Cursor& cursor, std::uint64_t size_bytes) {
  switch (size_bytes) {
    case 1:
      return cursor.u8();
    case 2:
      return cursor.u16();
    case 4:
      return cursor.u32();
    case 8:
      return cursor.u64();
    default: {
      std::uint64_t value = 0;
      ByteView bytes = cursor.bytes(size_bytes);
      for (std::size_t i = 0; i < bytes.size() && i < 8; ++i)
        value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
      return value;
    }
  }
}

// The size of a form whose size does not depend on the bytes; -1 for the others.
int find_fixed_size(const DwarfUnit& unit, std::uint16_t form) {
  switch (form) {
    case DW_FORM_flag_present:
    case DW_FORM_implicit_const:
      return 0;
    case DW_FORM_data1:
    case DW_FORM_ref1:
    case DW_FORM_flag:
    case DW_FORM_strx1:
    case DW_FORM_addrx1:
      return 1;
    case DW_FORM_data2:
    case DW_FORM_ref2:
    case DW_FORM_strx2:
    case DW_FORM_addrx2:
      return 2;
    case DW_FORM_strx3:
    case DW_FORM_addrx3:
      return 3;
    case DW_FORM_data4:
    case DW_FORM_ref4:
    case DW_FORM_strx4:
    case DW_FORM_addrx4:
    case DW_FORM_ref_sup4:
      return 4;
    case DW_FORM_data8:
    case DW_FORM_ref8:
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
      return 8;
    case DW_FORM_data16:
      return 16;
    case DW_FORM_addr:
      return unit.address_size;
    case DW_FORM_ref_addr:
      return unit.version <= 2 ? unit.address_size : unit.offset_size;
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_sec_offset:
    case DW_FORM_strp_sup:
    case DW_FORM_GNU_ref_alt:
    case DW_FORM_GNU_strp_alt:
      return unit.offset_size;
    default:
      return -1;
  }
}

bool is_indexed_string(std::uint16_t form) {
  return form == DW_FORM_strx || form == DW_FORM_GNU_str_index ||
         (form >= DW_FORM_strx1 && form <= DW_FORM_strx4);
}

}  // namespace

bool AbbreviationTable::parse_next() {
  Cursor cursor(bytes_, position_);
  Abbreviation entry;
  entry.code = cursor.uvarint();
  bool ended = entry.code == 0 || cursor.failed() || *budget_ == 0;
  if (!ended) {
    entry.tag = static_cast<std::uint16_t>(cursor.uvarint());
    entry.has_children = cursor.u8() != 0;
  }
  while (!ended) {
    AttributeSpec spec;
    spec.attribute = static_cast<std::uint16_t>(cursor.uvarint());
    spec.form = static_cast<std::uint16_t>(cursor.uvarint());
    if (spec.form == DW_FORM_implicit_const) spec.implicit_const = read_svarint(cursor);
    if (cursor.failed() || *budget_ == 0)
      ended = true;
    else if (spec.attribute == 0 && spec.form == 0)
      break;
    else
      entry.attributes.push_back(spec), --*budget_;
  }
  if (ended) {
    position_ = bytes_.size();
    return false;
  }
  --*budget_;
  position_ = cursor.position();
  if (entry.code != entries_.size() + 1) other_codes_.emplace(entry.code, entries_.size());
  entries_.push_back(std::move(entry));
  return true;
}

const Abbreviation* AbbreviationTable::find(std::uint64_t code) {
  while (true) {
    if (code - 1 < entries_.size() && entries_[code - 1].code == code) return &entries_[code - 1];
    if (!other_codes_.empty())
      if (auto found = other_codes_.find(code); found != other_codes_.end())
        return &entries_[found->second];
    if (!parse_next()) return nullptr;
  }
}

DwarfEntries::DwarfEntries(const ElfFile& elf, SectionContents info)
    : elf_(&elf),
      info_(std::move(info)),
      abbreviation_budget_(std::make_unique<std::uint64_t>(kAbbreviationLimit)) {}

Result<DwarfEntries> DwarfEntries::open(const ElfFile& elf) {
  auto info = TRY(SectionContents::open(elf, ".debug_info"));
  DwarfEntries entries(elf, std::move(info));
  entries.abbrev_ = TRY(SectionContents::open(elf, ".debug_abbrev"));
  return entries;
}

AbbreviationTable* DwarfEntries::abbreviations_at(std::uint64_t offset) {
  auto& table = tables_[offset];
  if (!table)
    table = std::make_unique<AbbreviationTable>(abbrev_->all(), offset, abbreviation_budget_.get());
  return table.get();
}

std::optional<DwarfUnit> DwarfEntries::read_unit(std::uint64_t offset) {
  ByteView bytes = info_.first(offset + kRootBytes);
  Cursor cursor(bytes, offset);
  DwarfUnit unit;
  unit.offset = offset;
  std::uint64_t length = cursor.u32();
  if (length == 0xffffffff) {
    length = cursor.u64();
    unit.offset_size = 8;
  }
  std::uint64_t body = cursor.position();
  if (cursor.failed() || length > size_bytes() - body) return std::nullopt;
  unit.end = body + length;
  unit.version = cursor.u16();
  std::uint8_t kind = DW_UT_compile;
  std::uint64_t abbreviations = 0;
  if (unit.version >= 5) {
    kind = cursor.u8();
    unit.address_size = cursor.u8();
    abbreviations = read_sized(cursor, unit.offset_size);
  } else {
    abbreviations = read_sized(cursor, unit.offset_size);
    unit.address_size = cursor.u8();
  }
  if (kind == DW_UT_skeleton || kind == DW_UT_split_compile) cursor.skip(8);
  if (kind == DW_UT_type || kind == DW_UT_split_type) cursor.skip(8 + unit.offset_size);
  unit.first_entry = cursor.position();
  if (cursor.failed() || unit.version < 2 || unit.version > 5 || unit.first_entry > unit.end)
    return std::nullopt;
  unit.first_child = unit.end;
  unit.abbreviations = abbreviations_at(abbreviations);

  // A root that cannot be read makes a unit without a name: its header still tells where the next
  // is.
  auto root = read_entry(unit, unit.first_entry);
  if (!root) return unit;
  unit.language = root->language.number;
  unit.str_offsets_base = root->str_offsets_base.number;
  unit.addr_base = root->addr_base.number;
  if (unit.str_offsets_base != 0)
    root = read_entry(unit, unit.first_entry);  // its name may want it
  if (root) unit.low_pc = find_pc(unit, root->low_pc);
  if (root && root->ranges.kind == AttributeValue::Kind::kUnsigned)
    unit.ranges = root->ranges.number;
  unit.name = root ? root->name : std::string_view();
  if (root && root->has_children) unit.first_child = root->next;
  return unit;
}

std::optional<DwarfEntry> DwarfEntries::read_entry(const DwarfUnit& unit, std::uint64_t offset) {
  if (offset < unit.first_entry || offset >= unit.end) return std::nullopt;
  for (std::uint64_t room = kEntryBytes;; room *= 2) {
    std::uint64_t end = std::min(unit.end, offset + room);
    Cursor cursor(unit_bytes(unit, end), offset);
    if (auto entry = read_entry(unit, cursor)) return entry;
    if (!cursor.failed() || end == unit.end) return std::nullopt;
  }
}

std::optional<DwarfEntry> DwarfEntries::read_entry(const DwarfUnit& unit, Cursor& cursor) {
  DwarfEntry entry;
  entry.offset = cursor.position();
  std::uint64_t code = cursor.uvarint();
  if (cursor.failed()) return std::nullopt;
  entry.next = cursor.position();
  if (code == 0) return entry;
  const Abbreviation* abbreviation = unit.abbreviations->find(code);
  if (abbreviation == nullptr) return std::nullopt;
  entry.tag = abbreviation->tag;
  entry.has_children = abbreviation->has_children;
  for (const AttributeSpec& spec : abbreviation->attributes) {
    switch (spec.attribute) {
      case DW_AT_name:
        entry.name = read_value(unit, spec, cursor).text;
        break;
      case DW_AT_type:
        entry.type = read_value(unit, spec, cursor);
        break;
      case DW_AT_byte_size:
        entry.byte_size = read_value(unit, spec, cursor);
        break;
      case DW_AT_data_member_location:
        entry.member_location = read_value(unit, spec, cursor);
        break;
      case DW_AT_const_value:
        entry.const_value = read_value(unit, spec, cursor);
        break;
      case DW_AT_location:
        entry.location = read_value(unit, spec, cursor);
        break;
      case DW_AT_language:
        entry.language = read_value(unit, spec, cursor);
        break;
      case DW_AT_str_offsets_base:
        entry.str_offsets_base = read_value(unit, spec, cursor);
        break;
      case DW_AT_addr_base:
        entry.addr_base = read_value(unit, spec, cursor);
        break;
      case DW_AT_go_runtime_type:
        entry.go_runtime_type = read_value(unit, spec, cursor);
        break;
      case DW_AT_go_closure_offset:
        entry.go_closure_offset = read_value(unit, spec, cursor);
        break;
      case DW_AT_low_pc:
        entry.low_pc = read_value(unit, spec, cursor);
        break;
      case DW_AT_high_pc:
        entry.high_pc = read_value(unit, spec, cursor);
        break;
      case DW_AT_ranges:
        entry.ranges = read_value(unit, spec, cursor);
        break;
      case DW_AT_abstract_origin:
        entry.abstract_origin = read_value(unit, spec, cursor);
        break;
      case DW_AT_upper_bound:
        entry.upper_bound = read_value(unit, spec, cursor);
        break;
      case DW_AT_count:
        entry.count = read_value(unit, spec, cursor);
        break;
      default:
        if (!skip_value(unit, spec.form, cursor)) return std::nullopt;
    }
  }
  entry.next = cursor.position();
  if (cursor.failed()) return std::nullopt;
  return entry;
}

AttributeValue DwarfEntries::read_value(const DwarfUnit& unit, const AttributeSpec& spec,
                                        Cursor& cursor) {
  using Kind = AttributeValue::Kind;
  std::uint16_t form = spec.form;
  if (form == DW_FORM_indirect) form = static_cast<std::uint16_t>(cursor.uvarint());
  auto number = [&](Kind kind, std::uint64_t value) { return AttributeValue{kind, value, {}, {}}; };
  auto text = [&](std::string_view value) { return AttributeValue{Kind::kText, 0, value, {}}; };
  int size = find_fixed_size(unit, form);
  switch (form) {
    case DW_FORM_string:
      return text(cursor.c_string());
    case DW_FORM_strp:
      return text(string_at(str_, ".debug_str", read_sized(cursor, unit.offset_size)));
    case DW_FORM_line_strp:
      return text(string_at(line_str_, ".debug_line_str", read_sized(cursor, unit.offset_size)));
    case DW_FORM_sdata:
      return number(Kind::kSigned, static_cast<std::uint64_t>(read_svarint(cursor)));
    case DW_FORM_udata:
      return number(Kind::kUnsigned, cursor.uvarint());
    case DW_FORM_implicit_const:
      return number(Kind::kSigned, static_cast<std::uint64_t>(spec.implicit_const));
    case DW_FORM_flag_present:
      return number(Kind::kUnsigned, 1);
    case DW_FORM_data1:
    case DW_FORM_data2:
    case DW_FORM_data4:
    case DW_FORM_data8:
    case DW_FORM_flag:
    case DW_FORM_sec_offset:
      return number(Kind::kUnsigned, read_sized(cursor, static_cast<std::uint64_t>(size)));
    case DW_FORM_addr:
      return number(Kind::kAddress, read_sized(cursor, static_cast<std::uint64_t>(size)));
    case DW_FORM_addrx:
      return number(Kind::kAddressIndex, cursor.uvarint());
    case DW_FORM_addrx1:
    case DW_FORM_addrx2:
    case DW_FORM_addrx3:
    case DW_FORM_addrx4:
      return number(Kind::kAddressIndex, read_sized(cursor, static_cast<std::uint64_t>(size)));
    case DW_FORM_ref1:
    case DW_FORM_ref2:
    case DW_FORM_ref4:
    case DW_FORM_ref8:
      return number(Kind::kReference,
                    unit.offset + read_sized(cursor, static_cast<std::uint64_t>(size)));
    case DW_FORM_ref_udata:
      return number(Kind::kReference, unit.offset + cursor.uvarint());
    case DW_FORM_ref_addr:
      return number(Kind::kReference, read_sized(cursor, static_cast<std::uint64_t>(size)));
    case DW_FORM_block1:
      return {Kind::kBlock, 0, {}, cursor.bytes(cursor.u8())};
    case DW_FORM_block2:
      return {Kind::kBlock, 0, {}, cursor.bytes(cursor.u16())};
    case DW_FORM_block4:
      return {Kind::kBlock, 0, {}, cursor.bytes(cursor.u32())};
    case DW_FORM_block:
    case DW_FORM_exprloc:
      return {Kind::kBlock, 0, {}, cursor.bytes(cursor.uvarint())};
    default:
      break;
  }
  if (is_indexed_string(form))
    return text(indexed_string(
        unit, size < 0 ? cursor.uvarint() : read_sized(cursor, static_cast<std::uint64_t>(size))));
  if (!skip_value(unit, form, cursor)) cursor.skip(~std::uint64_t{0});
  return {};
}

// False: a form that is not known, so that nothing behind it can be read.
bool DwarfEntries::skip_value(const DwarfUnit& unit, std::uint16_t form, Cursor& cursor) {
  if (int size = find_fixed_size(unit, form); size >= 0) {
    cursor.skip(static_cast<std::uint64_t>(size));
    return true;
  }
  switch (form) {
    case DW_FORM_string:
      cursor.c_string();
      return true;
    case DW_FORM_block1:
      cursor.skip(cursor.u8());
      return true;
    case DW_FORM_block2:
      cursor.skip(cursor.u16());
      return true;
    case DW_FORM_block4:
      cursor.skip(cursor.u32());
      return true;
    case DW_FORM_block:
    case DW_FORM_exprloc:
      cursor.skip(cursor.uvarint());
      return true;
    case DW_FORM_sdata:
    case DW_FORM_udata:
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_addrx:
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
    case DW_FORM_GNU_addr_index:
    case DW_FORM_GNU_str_index: {
      while (!cursor.failed() && (cursor.u8() & 0x80) != 0) {
      }
      return true;
    }
    case DW_FORM_indirect: {
      auto real = static_cast<std::uint16_t>(cursor.uvarint());
      return real != DW_FORM_indirect && skip_value(unit, real, cursor);
    }
    default:
      return false;
  }
}

bool DwarfEntries::skip_entry(const DwarfUnit& unit, Cursor& cursor,
                              const Abbreviation*& abbreviation) {
  std::uint64_t code = cursor.uvarint();
  abbreviation = nullptr;
  if (code == 0) return !cursor.failed();
  abbreviation = unit.abbreviations->find(code);
  if (abbreviation == nullptr) return false;
  for (const AttributeSpec& spec : abbreviation->attributes)
    if (!skip_value(unit, spec.form, cursor)) return false;
  return !cursor.failed();
}

std::optional<std::uint64_t> DwarfEntries::skip_children(const DwarfUnit& unit,
                                                         const DwarfEntry& entry) {
  if (!entry.has_children) return entry.next;
  for (std::uint64_t room = kTreeBytes;; room *= 2) {
    std::uint64_t end = std::min(unit.end, entry.next + room);
    Cursor cursor(unit_bytes(unit, end), entry.next);
    if (skip_tree(unit, cursor)) return cursor.position();
    if (end == unit.end) return std::nullopt;
  }
}

bool DwarfEntries::skip_tree(const DwarfUnit& unit, Cursor& cursor) {
  const Abbreviation* abbreviation = nullptr;
  for (std::uint64_t depth = 1; depth != 0;) {
    if (!skip_entry(unit, cursor, abbreviation)) return false;
    if (abbreviation == nullptr)
      --depth;
    else if (abbreviation->has_children)
      ++depth;
  }
  return true;
}

std::optional<DwarfEntryHead> DwarfEntries::read_head(const DwarfUnit& unit, std::uint64_t offset) {
  if (offset < unit.first_entry || offset >= unit.end) return std::nullopt;
  for (std::uint64_t room = kTreeBytes;; room *= 2) {
    std::uint64_t end = std::min(unit.end, offset + room);
    Cursor cursor(unit_bytes(unit, end), offset);
    if (auto head = read_head(unit, cursor)) return head;
    if (end == unit.end) return std::nullopt;
  }
}

std::optional<DwarfEntryHead> DwarfEntries::read_head(const DwarfUnit& unit, Cursor& cursor) {
  DwarfEntryHead head;
  head.offset = cursor.position();
  std::uint64_t code = cursor.uvarint();
  const Abbreviation* abbreviation = code != 0 ? unit.abbreviations->find(code) : nullptr;
  if (cursor.failed() || (code != 0 && abbreviation == nullptr)) return std::nullopt;
  bool has_children = false;
  if (abbreviation != nullptr) {
    head.tag = abbreviation->tag;
    has_children = abbreviation->has_children;
    for (const AttributeSpec& spec : abbreviation->attributes) {
      if (spec.attribute == DW_AT_name)
        head.name = read_value(unit, spec, cursor).text;
      else if (!skip_value(unit, spec.form, cursor))
        return std::nullopt;
    }
  }
  if (cursor.failed() || (has_children && !skip_tree(unit, cursor))) return std::nullopt;
  head.behind = cursor.position();
  return head;
}

// All of .debug_info up to `end`, or as far as it can be had.
ByteView DwarfEntries::unit_bytes(const DwarfUnit& unit, std::uint64_t end) {
  end = std::min(end, unit.end);
  ByteView bytes = info_.first(end);
  return bytes.first(std::min<std::uint64_t>(bytes.size(), end));
}

ByteView DwarfEntries::other_section(std::optional<SectionContents>& section, const char* name) {
  if (!section) {
    auto opened = SectionContents::open(*elf_, name);
    if (!opened) return {};
    section = std::move(*opened);
  }
  return section->all();
}

std::string_view DwarfEntries::string_at(std::optional<SectionContents>& section, const char* name,
                                         std::uint64_t offset) {
  return Cursor(other_section(section, name), offset).c_string();
}

std::string_view DwarfEntries::indexed_string(const DwarfUnit& unit, std::uint64_t index) {
  ByteView offsets = other_section(str_offsets_, ".debug_str_offsets");
  if (index > offsets.size() || unit.str_offsets_base > offsets.size()) return {};
  Cursor cursor(offsets, unit.str_offsets_base);
  cursor.skip(index * unit.offset_size);
  std::uint64_t offset = read_sized(cursor, unit.offset_size);
  return cursor.failed() ? std::string_view() : string_at(str_, ".debug_str", offset);
}

std::optional<Address> DwarfEntries::find_address(const DwarfUnit& unit,
                                                  const AttributeValue& location) {
  if (location.kind != AttributeValue::Kind::kBlock) return std::nullopt;
  Cursor cursor(location.block);
  std::uint8_t operation = cursor.u8();
  std::uint64_t value = 0;
  if (operation == DW_OP_addr) {
    value = read_sized(cursor, unit.address_size);
  } else if (operation == DW_OP_addrx || operation == DW_OP_GNU_addr_index) {
    auto indexed = find_indexed(unit, cursor.uvarint());
    if (!indexed) return std::nullopt;
    value = indexed->value();
  } else {
    return std::nullopt;
  }
  if (cursor.failed() || !cursor.at_end()) return std::nullopt;
  return Address(value);
}

std::optional<Address> DwarfEntries::find_pc(const DwarfUnit& unit, const AttributeValue& value) {
  if (value.kind == AttributeValue::Kind::kAddress) return Address(value.number);
  if (value.kind == AttributeValue::Kind::kAddressIndex) return find_indexed(unit, value.number);
  return std::nullopt;
}

std::optional<Address> DwarfEntries::find_indexed(const DwarfUnit& unit, std::uint64_t index) {
  ByteView addresses = other_section(addr_, ".debug_addr");
  if (index > addresses.size() || unit.addr_base > addresses.size()) return std::nullopt;
  Cursor cursor(addresses, unit.addr_base);
  cursor.skip(index * unit.address_size);
  std::uint64_t value = read_sized(cursor, unit.address_size);
  return cursor.failed() ? std::nullopt : std::optional(Address(value));
}

ByteView DwarfEntries::location_lists(const DwarfUnit& unit) {
  return unit.version >= 5 ? other_section(loclists_, ".debug_loclists")
                           : other_section(loc_, ".debug_loc");
}

ByteView DwarfEntries::range_lists(const DwarfUnit& unit) {
  return unit.version >= 5 ? other_section(rnglists_, ".debug_rnglists")
                           : other_section(ranges_, ".debug_ranges");
}

}  // namespace goshawk::binary
