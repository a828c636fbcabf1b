// DWARF is written here as Go's linker lays it out, with the oddities that real files have.
#include "binary/dwarf_types.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>

#include "binary/dwarf_constants.h"
#include "binary/elf_writer_for_tests.h"

namespace goshawk::binary {
namespace {

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

std::string abbreviations() {
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

  std::string elf() {
    for (auto& [at, name] : fixups_) out.patch(at, static_cast<std::uint32_t>(labels_.at(name)));
    ElfWriter writer;
    writer.section(".debug_info", SHT_PROGBITS, out.str());
    writer.section(".debug_abbrev", SHT_PROGBITS, abbreviations());
    writer.section(".debug_addr", SHT_PROGBITS, Bytes().u64(0).u64(0x1111).u64(0x2222).str());
    return writer.write();
  }

  Bytes out;

 private:
  int version_;
  std::map<std::string, std::size_t> labels_;
  std::vector<std::pair<std::size_t, std::string>> fixups_;
};

std::string write_program(int version) {
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
  return dwarf.elf();
}

class DwarfTypesTest : public testing::TestWithParam<int> {
 protected:
  std::string file_ = write_program(GetParam());
  ElfFile elf_ = *ElfFile::parse(view(file_), "test");
  DwarfTypes types_ = *DwarfTypes::open(elf_);
};

TEST_P(DwarfTypesTest, FindsStructures) {
  auto g = types_.find_struct("runtime.g");
  ASSERT_TRUE(g);
  EXPECT_EQ(g->size_bytes, 96u);
  ASSERT_EQ(g->members.size(), 5u);
  EXPECT_EQ(g->members[1].name, "next");
  EXPECT_EQ(g->members[1].offset, 16u);
  EXPECT_EQ(g->members[1].size_bytes, 8u);
  EXPECT_EQ(g->members[1].type, "*runtime.g");
  EXPECT_EQ(g->members[2].type, "runtime.gobuf");
  EXPECT_EQ(g->members[3].size_bytes, 48u);
  EXPECT_EQ(g->members[4].size_bytes, 0u);
  EXPECT_EQ(types_.find_struct("main.T")->size_bytes, 4u);
  EXPECT_EQ(types_.find_struct("runtime.empty")->members.size(), 0u);
  EXPECT_EQ(types_.find_size("uint32"), 4u);
  EXPECT_EQ(types_.find_size("[3]runtime.pair"), 48u);
  EXPECT_FALSE(types_.find_struct("uint32"));
  EXPECT_FALSE(types_.find_struct("runtime.nothing"));
  EXPECT_FALSE(types_.find_struct(""));
  EXPECT_TRUE(types_.find_struct("runtime.pair"));  // also after the walk is over
}

TEST_P(DwarfTypesTest, FollowsPathsThroughStructures) {
  auto member = types_.find_member("runtime.g", "sched.inner.hi");
  ASSERT_TRUE(member);
  EXPECT_EQ(member->offset, 24u + 8 + 8);
  EXPECT_EQ(member->size_bytes, 8u);
  EXPECT_EQ(member->type, "uintptr");
  EXPECT_FALSE(types_.find_member("runtime.g", "next.stack"));  // not through a pointer
  EXPECT_FALSE(types_.find_member("runtime.g", "sched.nothing"));
  EXPECT_FALSE(types_.find_member("runtime.g", "sched."));
  EXPECT_FALSE(types_.find_member("runtime.g", ""));
}

TEST_P(DwarfTypesTest, FindsConstantsAndVariables) {
  EXPECT_EQ(types_.find_constant("_Gwaiting"), 4);
  EXPECT_EQ(types_.find_constant("runtime._Gwaiting"), 4);
  EXPECT_EQ(types_.find_constant("arenaBaseOffset"), -0x7000'0000'0000);
  EXPECT_FALSE(types_.find_constant("notHere"));
  EXPECT_FALSE(types_.find_constant("runtime.allgs"));
  EXPECT_EQ(types_.find_variable("runtime.allgs"), Address(0x5000));
  EXPECT_EQ(types_.find_variable("runtime.allm"), Address(0x2222));
  EXPECT_FALSE(types_.find_variable("runtime.wild"));
  EXPECT_FALSE(types_.find_variable("local"));
}

TEST_P(DwarfTypesTest, OrderOfQuestionsDoesNotMatter) {
  EXPECT_TRUE(types_.find_member("main.T", "x"));
  EXPECT_EQ(types_.find_constant("_Gwaiting"), 4);
  EXPECT_TRUE(types_.find_struct("runtime.g"));
  auto other = DwarfTypes::open(elf_, "crypto/tls");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->find_constant("Version"), 1);
  EXPECT_FALSE(other->find_constant("_Gwaiting"));
}

TEST_P(DwarfTypesTest, CyclesEnd) {
  EXPECT_FALSE(types_.find_size("loop"));
  EXPECT_FALSE(types_.find_size("[2]loop"));
  EXPECT_FALSE(types_.find_struct("runtime.bad"));
  EXPECT_FALSE(types_.find_member("runtime.bad2", "a"));
}

TEST_P(DwarfTypesTest, SaysWhatIsMissing) {
  auto other = DwarfTypes::open(elf_, "no/such");
  ASSERT_FALSE(other);
  EXPECT_NE(describe(other.error()).find("no unit of Go package no/such"), std::string::npos);
  std::string stripped = ElfWriter().write();
  auto elf = ElfFile::parse(view(stripped), "stripped");
  EXPECT_FALSE(DwarfTypes::open(*elf));
}

TEST_P(DwarfTypesTest, DamagedFilesDoNoHarm) {
  std::mt19937 random(7);
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = file_;
    for (unsigned i = 0; i < 1 + random() % 3; ++i)
      damaged[64 + random() % (damaged.size() - 64)] = static_cast<char>(random());
    auto elf = ElfFile::parse(view(damaged), "damaged");
    if (!elf) continue;
    auto types = DwarfTypes::open(*elf);
    if (!types) continue;
    (void)types->find_struct("runtime.g");
    (void)types->find_member("runtime.g", "sched.inner.hi");
    (void)types->find_constant("_Gwaiting");
    (void)types->find_variable("runtime.allm");
    (void)types->find_struct("absent");
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, DwarfTypesTest, testing::Values(4, 5), [](const auto& version) {
  return "Dwarf" + std::to_string(version.param);
});

}  // namespace
}  // namespace goshawk::binary
