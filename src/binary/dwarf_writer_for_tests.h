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
  kCodeUnit,
  kSubprogram,
  kLocalList,
  kLocalBlock,
  kCaptured,
  kInlined,
  kOfOrigin,
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
  entry(kCodeUnit, DW_TAG_compile_unit, true,
        {{DW_AT_name, DW_FORM_string},
         {DW_AT_language, DW_FORM_data1},
         {DW_AT_low_pc, DW_FORM_addr},
         {DW_AT_ranges, DW_FORM_sec_offset},
         {DW_AT_addr_base, DW_FORM_sec_offset}});
  entry(
      kSubprogram, DW_TAG_subprogram, true,
      {{DW_AT_name, DW_FORM_string}, {DW_AT_low_pc, DW_FORM_addr}, {DW_AT_high_pc, DW_FORM_udata}});
  entry(kLocalList, DW_TAG_variable, false,
        {{DW_AT_name, DW_FORM_string},
         {DW_AT_type, DW_FORM_ref_addr},
         {DW_AT_location, DW_FORM_sec_offset}});
  entry(kLocalBlock, DW_TAG_formal_parameter, false,
        {{DW_AT_name, DW_FORM_string},
         {DW_AT_type, DW_FORM_ref_addr},
         {DW_AT_location, DW_FORM_block1}});
  entry(kCaptured, DW_TAG_variable, false,
        {{DW_AT_name, DW_FORM_string},
         {DW_AT_type, DW_FORM_ref_addr},
         {DW_AT_go_closure_offset, DW_FORM_udata},
         {DW_AT_location, DW_FORM_block1}});
  entry(kInlined, 0x1d, true, {{DW_AT_abstract_origin, DW_FORM_ref_addr}});
  entry(kOfOrigin, DW_TAG_variable, false,
        {{DW_AT_abstract_origin, DW_FORM_ref_addr}, {DW_AT_location, DW_FORM_block1}});
  return out.u8(0).str();
}

struct DwarfSections {
  std::string info, abbrev, addr = {}, str = {}, line_str = {}, str_offsets = {}, loc = {},
                            ranges = {};

  std::string elf() const {
    ElfWriter writer;
    writer.section(".debug_info", SHT_PROGBITS, info);
    writer.section(".debug_abbrev", SHT_PROGBITS, abbrev);
    writer.section(".debug_addr", SHT_PROGBITS, addr);
    writer.section(".debug_str", SHT_PROGBITS, str);
    writer.section(".debug_line_str", SHT_PROGBITS, line_str);
    writer.section(".debug_str_offsets", SHT_PROGBITS, str_offsets);
    writer.section(".debug_loc", SHT_PROGBITS, loc);
    writer.section(".debug_loclists", SHT_PROGBITS, loc);
    writer.section(".debug_ranges", SHT_PROGBITS, ranges);
    writer.section(".debug_rnglists", SHT_PROGBITS, ranges);
    return writer.write();
  }
};

class DwarfWriter {
 public:
  explicit DwarfWriter(int version) : version_(version) {}

  // `children` writes the entries below the unit's root.
  void unit(const std::string& name, const std::function<void()>& children,
            std::uint8_t language = DW_LANG_Go, std::uint64_t low_pc = 0,
            std::uint64_t code_bytes = 0) {
    std::size_t start = out.size();
    out.u32(0).u16(static_cast<unsigned>(version_));
    if (version_ >= 5)
      out.u8(DW_UT_compile).u8(8).u32(0);
    else
      out.u32(0).u8(8);
    out.u8(low_pc != 0 ? kCodeUnit : kUnit).text(name).u8(language);
    if (low_pc != 0) {
      out.u64(low_pc).u32(static_cast<std::uint32_t>(ranges.size()));
      if (version_ >= 5)
        ranges.u8(DW_RLE_offset_pair).uleb(0).uleb(code_bytes).u8(0);
      else
        ranges.u64(0).u64(code_bytes).u64(0).u64(0);
    }
    out.u32(8);
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

  void subprogram(const std::string& name, std::uint64_t low_pc, std::uint64_t size,
                  const std::function<void()>& variables) {
    out.u8(kSubprogram).text(name).u64(low_pc).uleb(size);
    variables();
    out.u8(0);
  }
  void local(const std::string& name, const std::string& type, const std::string& block) {
    out.u8(kLocalBlock).text(name), ref(type).u8(static_cast<unsigned>(block.size())).raw(block);
  }
  // Alive at one range of addresses, told by where the unit's code begins.
  void listed_local(const std::string& name, const std::string& type, std::uint64_t from,
                    std::uint64_t to, const std::string& block) {
    out.u8(kLocalList).text(name), ref(type).u32(static_cast<std::uint32_t>(lists.size()));
    if (version_ >= 5)
      lists.u8(DW_LLE_offset_pair).uleb(from).uleb(to).uleb(block.size()).raw(block).u8(0);
    else
      lists.u64(from).u64(to).u16(static_cast<unsigned>(block.size())).raw(block).u64(0).u64(0);
  }
  void captured(const std::string& name, const std::string& type, std::uint64_t offset) {
    out.u8(kCaptured).text(name), ref(type).uleb(offset).u8(0);
  }
  // Of a function that is described elsewhere, one of its variables.
  void inlined(const std::string& origin, const std::string& variable, const std::string& block) {
    out.u8(kInlined), ref(origin).u8(kOfOrigin), ref(variable);
    out.u8(static_cast<unsigned>(block.size())).raw(block).u8(0);
  }

  DwarfSections sections() {
    for (auto& [at, name] : fixups_) out.patch(at, static_cast<std::uint32_t>(labels_.at(name)));
    return {.info = out.str(),
            .abbrev = abbreviations(),
            .addr = Bytes().u64(0).u64(0x1111).u64(0x2222).str(),
            .loc = lists.str(),
            .ranges = ranges.str()};
  }
  std::string elf() { return sections().elf(); }

  Bytes out, lists, ranges;

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

// Functions of two packages, with variables in frames and closures.
inline DwarfWriter write_dwarf_functions(int version) {
  DwarfWriter dwarf(version);
  auto block = [](std::initializer_list<int> bytes) {
    Bytes out;
    for (int byte : bytes) out.u8(static_cast<unsigned>(byte));
    return out.str();
  };
  dwarf.unit(
      "main",
      [&] {
        dwarf.subprogram("main.f", 0x401000, 0x100, [&] {
          dwarf.listed_local("p", "*main.T", 0x10, 0x40, block({DW_OP_fbreg, 0x70}));
          dwarf.listed_local(
              "s", "main.pair", 0x20, 0x80,
              block({DW_OP_fbreg, 0x60, DW_OP_piece, 8, DW_OP_piece, 8, DW_OP_reg0 + 3, DW_OP_piece,
                     8, DW_OP_fbreg, 8, DW_OP_piece, 8}));
          dwarf.local("first", "main.pair", block({DW_OP_call_frame_cfa}));
          dwarf.local("moved", "main.T", block({DW_OP_fbreg, 0x50, DW_OP_deref}));
          dwarf.local("odd", "main.T", block({DW_OP_fbreg, 0x50, 0x22}));
          dwarf.local("gone", "main.T", "");
          dwarf.inlined("main.g", "main.g.x", block({DW_OP_fbreg, 0x48}));
        });
        dwarf.subprogram("main.f.func1", 0x401100, 0x40, [&] {
          dwarf.captured("p", "*main.T", 8);
          dwarf.captured("s", "main.pair", 16);
          dwarf.local("own", "*main.T", "");
        });
        dwarf.label("main.g");
        dwarf.subprogram("main.g", 0x401200, 0x40, [&] {
          dwarf.label("main.g.x");
          dwarf.local("x", "*main.T", block({DW_OP_fbreg, 0x78}));
        });
      },
      DW_LANG_Go, 0x401000, 0x1000);
  dwarf.unit(
      "runtime",
      [&] {
        dwarf.subprogram("runtime.h", 0x400000, 0x40, [&] {});
        dwarf.base("uintptr", 8);
        dwarf.structure("main.T", 8, [&] { dwarf.member("x", 0, "uintptr"); });
        dwarf.structure("main.pair", 16,
                        [&] { dwarf.member("a", 0, "*main.T"), dwarf.member("b", 8, "*main.T"); });
        dwarf.pointer("main.T");
      },
      DW_LANG_Go, 0x400000, 0x1000);
  return dwarf;
}

}  // namespace goshawk::binary
