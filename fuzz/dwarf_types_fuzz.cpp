// Debug information: units, abbreviations, entries, and the types that they make. The input is the
// sections' lengths and their bytes; a sound ELF file is written around them.
#include "binary/dwarf_types.h"
#include "binary/dwarf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/input.h"
#include "goruntime/layout/dwarf_layout.h"

namespace goshawk::fuzz {
namespace {

using binary::Bytes;
using binary::DwarfSections;
using binary::DwarfTypes;
using binary::ElfFile;

DwarfSections take_sections(Input& input) {
  std::uint16_t lengths[5];
  for (std::uint16_t& length : lengths) length = input.take<std::uint16_t>();
  DwarfSections sections;
  sections.abbrev = input.take_text(lengths[0]);
  sections.addr = input.take_text(lengths[1]);
  sections.str = input.take_text(lengths[2]);
  sections.line_str = input.take_text(lengths[3]);
  sections.str_offsets = input.take_text(lengths[4]);
  sections.info = as_text(input.take_rest());
  return sections;
}

std::string to_seed(const DwarfSections& sections) {
  Bytes seed;
  for (const std::string* one :
       {&sections.abbrev, &sections.addr, &sections.str, &sections.line_str, &sections.str_offsets})
    seed.u16(one->size());
  return seed.raw(sections.abbrev)
      .raw(sections.addr)
      .raw(sections.str)
      .raw(sections.line_str)
      .raw(sections.str_offsets)
      .raw(sections.info)
      .str();
}

// Every kind of string and address of DWARF 5, which Go's linker does not use.
DwarfSections write_indexed() {
  using namespace binary;
  DwarfSections sections;
  Bytes abbrev;
  auto entry = [&](unsigned code, unsigned tag, bool children,
                   std::initializer_list<std::pair<unsigned, unsigned>> attributes) {
    abbrev.uleb(code).uleb(tag).u8(children);
    for (auto [attribute, form] : attributes) abbrev.uleb(attribute).uleb(form);
    abbrev.u8(0).u8(0);
  };
  entry(1, DW_TAG_compile_unit, true,
        {{DW_AT_name, DW_FORM_strx1},
         {DW_AT_language, DW_FORM_data2},
         {DW_AT_str_offsets_base, DW_FORM_sec_offset},
         {DW_AT_addr_base, DW_FORM_sec_offset}});
  entry(5, DW_TAG_variable, false, {{DW_AT_name, DW_FORM_strx}, {DW_AT_location, DW_FORM_exprloc}});
  entry(3, DW_TAG_typedef, false, {{DW_AT_name, DW_FORM_strp}, {DW_AT_type, DW_FORM_ref4}});
  entry(4, DW_TAG_base_type, false,
        {{DW_AT_name, DW_FORM_line_strp}, {DW_AT_byte_size, DW_FORM_data1}});
  sections.abbrev = abbrev.u8(0).str();
  sections.addr = Bytes().u64(0).u64(0x5000).str();
  sections.str = Bytes().text("runtime").text("runtime.allgs").text("uintptr").str();
  sections.line_str = Bytes().text("uint64").str();
  sections.str_offsets = Bytes().u64(0).u32(0).u32(8).str();
  Bytes info;
  info.u32(0).u16(5).u8(DW_UT_compile).u8(8).u32(0);
  info.u8(1).u8(0).u16(DW_LANG_Go).u32(8).u32(8);
  info.u8(5).uleb(1).u8(2).u8(DW_OP_addrx).uleb(0);
  info.u8(3).u32(22).u32(static_cast<std::uint32_t>(info.size() + 4));
  info.u8(4).u32(0).u8(8).u8(0);
  info.patch(0, static_cast<std::uint32_t>(info.size() - 4));
  sections.info = info.str();
  return sections;
}

void ask(const DwarfTypes& types) {
  for (const char* name : {"runtime.g", "runtime.bad", "main.T", "absent"})
    if (auto found = types.find_struct(name))
      for (const DwarfTypes::Member& member : found->members) use(member.name + member.type);
  for (const char* name : {"[3]runtime.pair", "[2]loop", "uintptr", "uint64"})
    use(types.find_size(name).value_or(0));
  if (auto member = types.find_member("runtime.g", "sched.inner.hi")) use(member->offset);
  use(static_cast<std::uint64_t>(types.find_constant("_Gwaiting").value_or(0)));
  for (const char* name : {"runtime.allgs", "runtime.allm"}) {
    use(types.find_variable(name).value_or(Address()).value());
    for (std::uint64_t offset : {0, 8, 100})
      if (auto place = types.find_place_in_variable(name, offset))
        use(place->path + place->type.name);
  }
}

}  // namespace

void run(ByteView bytes) {
  Input input(bytes);
  std::string file = take_sections(input).elf();
  auto elf = ElfFile::parse(binary::view(file), "fuzzed");
  if (!elf) return;
  if (auto types = DwarfTypes::open(*elf)) ask(*types);
  if (auto layout = goruntime::dwarf_layout(*elf)) {
    use((*layout)->field("runtime.g", "sched.inner.hi").value_or(goruntime::Field{}).offset);
    use(static_cast<std::uint64_t>((*layout)->constant("crypto/tls.Version").value_or(0)));
  }
}

std::vector<std::string> seeds() {
  return {to_seed(binary::write_dwarf_program(4).sections()),
          to_seed(binary::write_dwarf_program(5).sections()), to_seed(write_indexed())};
}

}  // namespace goshawk::fuzz
