// DWARF for tests, written as Go's linker lays it out, with the oddities that real files have.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "binary/dwarf_constants.h"
#include "binary/elf_writer_for_tests.h"

namespace goshawk::binary {

// Abbreviation codes, one table for all units as in Go's files.
enum Code : std::uint8_t {
  kUnit = 1,
  kBase,
  kStruct,
  kMember,
  kTypedef,
  kPointer,
  kArray,
  kRange,
  kConstant,
  kVariable,
  kFunction,
  kIndexed,
  kBlockMember,
  kPadded,
  kCodes
};

inline std::string abbreviations() {
  Bytes out;
  auto entry = [&](Code code, std::uint16_t tag, bool children,
                   std::initializer_list<std::pair<int, int>> attributes) {
    out.uleb(code).uleb(tag).u8(children);
    for (auto [attribute, form] : attributes) {
      out.uleb(static_cast<unsigned>(attribute)).uleb(static_cast<unsigned>(form));
      if (form == DW_FORM_implicit_const) out.sleb(-3);
    }
    out.u8(0).u8(0);
  };
  constexpr int kGoKind = 0x2900;
  entry(kUnit, DW_TAG_compile_unit, true,
        {{DW_AT_name, DW_FORM_string},
         {DW_AT_language, DW_FORM_data1},
         {DW_AT_addr_base, DW_FORM_sec_offset}});
  entry(kBase, DW_TAG_base_type, false,
        {{DW_AT_name, DW_FORM_string}, {DW_AT_byte_size, DW_FORM_data1}});
  entry(kStruct, DW_TAG_structure_type, true,
        {{DW_AT_name, DW_FORM_string}, {DW_AT_byte_size, DW_FORM_udata}, {kGoKind, DW_FORM_data1}});
  entry(kMember, DW_TAG_member, false,
        {{DW_AT_name, DW_FORM_string},
         {DW_AT_data_member_location, DW_FORM_udata},
         {DW_AT_type, DW_FORM_ref_addr},
         {kGoKind, DW_FORM_flag}});
  entry(kTypedef, DW_TAG_typedef, false,
        {{DW_AT_name, DW_FORM_string}, {DW_AT_type, DW_FORM_ref_addr}});
  entry(kPointer, DW_TAG_pointer_type, false,
        {{DW_AT_name, DW_FORM_string}, {DW_AT_type, DW_FORM_ref_addr}});
  entry(kArray, DW_TAG_array_type, true,
        {{DW_AT_name, DW_FORM_string}, {DW_AT_type, DW_FORM_ref_addr}});
  entry(kRange, DW_TAG_subrange_type, false, {{DW_AT_count, DW_FORM_udata}});
  entry(kConstant, DW_TAG_constant, false,
        {{DW_AT_name, DW_FORM_string}, {DW_AT_const_value, DW_FORM_sdata}});
  entry(kVariable, DW_TAG_variable, false,
        {{DW_AT_name, DW_FORM_string}, {DW_AT_location, DW_FORM_block1}});
  entry(
      kFunction, 0x2e, true,
      {{DW_AT_name, DW_FORM_string}, {0x3ffe, DW_FORM_implicit_const}, {0x3fff, DW_FORM_indirect}});
  entry(kIndexed, DW_TAG_variable, false,
        {{DW_AT_name, DW_FORM_string}, {DW_AT_location, DW_FORM_exprloc}});
  entry(kBlockMember, DW_TAG_member, false,
        {{DW_AT_name, DW_FORM_string},
         {DW_AT_data_member_location, DW_FORM_block1},
         {DW_AT_type, DW_FORM_ref_addr}});
  entry(kPadded, 0x2e, false,
        {{DW_AT_name, DW_FORM_string}, {0x3ffd, DW_FORM_block4}, {0x3ffc, DW_FORM_data16}});
  return out.u8(0).str();
}

struct DwarfSections {
  std::string info, abbrev, addr = {}, str = {}, line_str = {}, str_offsets = {};

  std::string elf() const {
    ElfWriter writer;
    writer.section(".debug_info", SHT_PROGBITS, info);
    writer.section(".debug_abbrev", SHT_PROGBITS, abbrev);
    writer.section(".debug_addr", SHT_PROGBITS, addr);
    writer.section(".debug_str", SHT_PROGBITS, str);
    writer.section(".debug_line_str", SHT_PROGBITS, line_str);
    writer.section(".debug_str_offsets", SHT_PROGBITS, str_offsets);
    return writer.write();
  }
};

class DwarfWriter {
 public:
  explicit DwarfWriter(int version) : version_(version) {}

  // `children` writes the entries below the unit's root.
  void unit(const std::string& name, const std::function<void()>& children,
            std::uint8_t language = DW_LANG_Go) {
    std::size_t start = out.size();
    out.u32(0).u16(static_cast<unsigned>(version_));
    if (version_ >= 5)
      out.u8(DW_UT_compile).u8(8).u32(0);
    else
      out.u32(0).u8(8);
    out.u8(kUnit).text(name).u8(language).u32(8);
    children();
    out.u8(0);
    out.patch(start, static_cast<std::uint32_t>(out.size() - start - 4));
  }
  void label(const std::string& name) { labels_[name] = out.size(); }
  Bytes& ref(const std::string& name) {
    fixups_.push_back({out.size(), name});
    return out.u32(0);
  }

  void base(const std::string& name, unsigned size) {
    label(name), out.u8(kBase).text(name).u8(size);
  }
  void structure(const std::string& name, std::uint64_t size,
                 const std::function<void()>& members) {
    label(name), out.u8(kTypedef).text(name), ref(name + "{}");
    label(name + "{}"), out.u8(kStruct).text(name).uleb(size).u8(25);
    members();
    out.u8(0);
  }
  void member(const std::string& name, std::uint64_t offset, const std::string& type) {
    out.u8(kMember).text(name).uleb(offset), ref(type).u8(0);
  }
  void pointer(const std::string& to) { label("*" + to), out.u8(kPointer).text("*" + to), ref(to); }
  void array(const std::string& name, const std::string& of, std::uint64_t count) {
    label(name), out.u8(kArray).text(name), ref(of).u8(kRange).uleb(count).u8(0);
  }
  void constant(const std::string& name, std::int64_t value) {
    out.u8(kConstant).text(name).sleb(value);
  }
  void variable(const std::string& name, std::uint64_t address) {
    out.u8(kVariable).text(name).u8(9).u8(DW_OP_addr).u64(address);
  }
  void indexed_variable(const std::string& name, std::uint64_t index) {
    out.u8(kIndexed).text(name).u8(2).u8(DW_OP_addrx).uleb(index);
  }
  void function(const std::string& name) {  // with a block of its own inside
    out.u8(kFunction).text(name).uleb(DW_FORM_udata).uleb(300);
    variable("local", 1),
        out.u8(kFunction).text("inner").uleb(DW_FORM_string).text("x").u8(0).u8(0);
    out.u8(kPadded).text("padded").u32(5).raw("12345").u64(0).u64(0);
  }

  DwarfSections sections() {
    for (auto& [at, name] : fixups_) out.patch(at, static_cast<std::uint32_t>(labels_.at(name)));
    return {.info = out.str(),
            .abbrev = abbreviations(),
            .addr = Bytes().u64(0).u64(0x1111).u64(0x2222).str()};
  }
  std::string elf() { return sections().elf(); }

  Bytes out;

 private:
  int version_;
  std::map<std::string, std::size_t> labels_;
  std::vector<std::pair<std::size_t, std::string>> fixups_;
};

// A small program with what a real one has, and types that lead in circles.
inline DwarfWriter write_dwarf_program(int version) {
  DwarfWriter dwarf(version);
  dwarf.unit("crypto/tls",
             [&] { dwarf.function("crypto/tls.Dial"), dwarf.constant("crypto/tls.Version", 1); });
  dwarf.unit(
      "runtime", [&] { dwarf.constant("runtime._Gwaiting", 77); }, 0x0c);  // somebody's C file
  dwarf.unit("runtime", [&] {
    dwarf.function("runtime.main");
    dwarf.constant("runtime._Gwaiting", 4);
    dwarf.constant("runtime.arenaBaseOffset", -0x7000'0000'0000);
    dwarf.variable("runtime.allgs", 0x5000);
    dwarf.indexed_variable("runtime.allm", 1);
    dwarf.indexed_variable("runtime.wild", 100);
  });
  dwarf.unit("vendor/x", [&] { dwarf.constant("runtime.notHere", 1); });
  dwarf.unit("runtime", [&] {
    dwarf.function("runtime.memmove");
    dwarf.base("uint32", 4);
    dwarf.base("uintptr", 8);
    dwarf.pointer("runtime.g");
    dwarf.array("[3]runtime.pair", "runtime.pair", 3);
    dwarf.array("[0]uint32", "uint32", 0);
    dwarf.structure("runtime.g", 96, [&] {
      dwarf.member("stack", 0, "runtime.pair");
      dwarf.member("next", 16, "*runtime.g");
      dwarf.member("sched", 24, "runtime.gobuf");
      dwarf.member("pairs", 48, "[3]runtime.pair");
      dwarf.member("none", 96, "[0]uint32");
    });
    dwarf.structure("runtime.pair", 16,
                    [&] { dwarf.member("lo", 0, "uintptr"), dwarf.member("hi", 8, "uintptr"); });
    dwarf.structure("runtime.gobuf", 24, [&] {
      dwarf.member("pc", 0, "uintptr");
      dwarf.out.u8(kBlockMember).text("inner").u8(2).u8(DW_OP_plus_uconst).uleb(8);
      dwarf.ref("runtime.pair");
    });
    dwarf.structure("runtime.empty", 0, [&] {});
    dwarf.label("loop"), dwarf.out.u8(kTypedef).text("loop"), dwarf.ref("loop");
    dwarf.array("[2]loop", "[2]loop", 2);
    dwarf.structure("runtime.bad", 8, [&] { dwarf.member("a", 0, "loop"); });
    dwarf.structure("runtime.bad2", 8, [&] { dwarf.member("a", 0, "[2]loop"); });
    dwarf.structure("main.T", 4, [&] { dwarf.member("x", 0, "uint32"); });
  });
  dwarf.unit("zzz", [&] { dwarf.function("zzz.f"); });
  return dwarf;
}

}  // namespace goshawk::binary
