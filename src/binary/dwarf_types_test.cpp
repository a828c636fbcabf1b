#include "binary/dwarf_types.h"

#include <gtest/gtest.h>

#include <random>

#include "binary/dwarf_writer_for_tests.h"

namespace goshawk::binary {
namespace {

class DwarfTypesTest : public testing::TestWithParam<int> {
 protected:
  std::string file_ = write_dwarf_program(GetParam()).elf();
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
