#include "binary/dwarf_functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "binary/dwarf_types.h"
#include "binary/dwarf_writer_for_tests.h"

namespace goshawk::binary {
namespace {

class DwarfFunctionsTest : public testing::TestWithParam<int> {
 protected:
  std::string file_ = write_dwarf_functions(GetParam()).elf();
  ElfFile elf_ = *ElfFile::parse(view(file_), "test");
  std::shared_ptr<DwarfEntries> entries_ =
      std::make_shared<DwarfEntries>(*DwarfEntries::open(elf_));
  DwarfFunctions functions_{entries_};
  DwarfTypes types_ = *DwarfTypes::open(entries_, elf_, "runtime");

  // Where, and how large the variable is.
  std::vector<std::pair<std::int64_t, std::uint64_t>> places(Address pc) {
    std::vector<std::pair<std::int64_t, std::uint64_t>> found;
    for (const FramePart& part : functions_.find_frame_parts(pc))
      found.emplace_back(part.place, types_.find_size_of_type(part.type).value_or(0));
    return found;
  }
};

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST_P(DwarfFunctionsTest, FindsVariablesWhereTheyAreAtAnInstruction) {
  // What a list tells is there in its range, what has no list everywhere; an expression that is not
  // understood tells nothing.
  auto always = [](auto... first) {
    return ElementsAre(first..., Pair(0, 16u), Pair(-48, 8u), Pair(-56, 8u));
  };
  EXPECT_THAT(places(Address(0x401010)), always(Pair(-16, 8u)));
  EXPECT_THAT(places(Address(0x40103f)), always(Pair(-16, 8u), Pair(-32, 16u), Pair(8, 16u)));
  EXPECT_THAT(places(Address(0x401040)), always(Pair(-32, 16u), Pair(8, 16u)));
  EXPECT_THAT(places(Address(0x40100f)), always());
}

TEST_P(DwarfFunctionsTest, TellsPartsFromWholeVariables) {
  auto parts = functions_.find_frame_parts(Address(0x401020));
  ASSERT_EQ(parts.size(), 6u);
  EXPECT_FALSE(parts[0].is_piece);
  EXPECT_EQ(parts[1].offset, 0u);
  EXPECT_EQ(parts[2].offset, 24u);  // behind one that is nowhere and one in a register
  EXPECT_EQ(parts[2].size_bytes, 8u);
  EXPECT_TRUE(parts[2].is_piece);
  EXPECT_FALSE(parts[3].is_piece || parts[3].is_pointer_to_it);
  EXPECT_TRUE(parts[4].is_pointer_to_it);
  EXPECT_FALSE(parts[5].is_pointer_to_it);
}

TEST_P(DwarfFunctionsTest, FindsNothingOutsideOfFunctions) {
  EXPECT_THAT(places(Address(0x401140)), IsEmpty());
  EXPECT_THAT(places(Address(0x3fffff)), IsEmpty());
  EXPECT_THAT(places(Address(0x400000)), IsEmpty());
  EXPECT_THAT(places(Address(0x401200)), ElementsAre(Pair(-8, 8u)));
}

TEST_P(DwarfFunctionsTest, FindsWhatAClosureKeeps) {
  auto captured = functions_.find_captured(Address(0x401100));
  ASSERT_EQ(captured.size(), 2u);
  EXPECT_EQ(captured[0].offset, 8u);
  EXPECT_EQ(types_.find_size_of_type(captured[0].type), 8u);
  EXPECT_EQ(captured[1].offset, 16u);
  EXPECT_EQ(types_.find_size_of_type(captured[1].type), 16u);
  EXPECT_THAT(functions_.find_captured(Address(0x401101)), IsEmpty());  // not its entry
  EXPECT_THAT(functions_.find_captured(Address(0x401000)), IsEmpty());
}

TEST_P(DwarfFunctionsTest, DamagedFilesDoNoHarm) {
  std::mt19937 random(7);
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = file_;
    for (unsigned i = 0; i < 1 + random() % 3; ++i)
      damaged[64 + random() % (damaged.size() - 64)] = static_cast<char>(random());
    auto elf = ElfFile::parse(view(damaged), "damaged");
    if (!elf) continue;
    auto entries = DwarfEntries::open(*elf);
    if (!entries) continue;
    DwarfFunctions functions(std::make_shared<DwarfEntries>(std::move(*entries)));
    for (std::uint64_t pc : {0x401020, 0x401100, 0x401200}) {
      (void)functions.find_frame_parts(Address(pc));
      (void)functions.find_captured(Address(pc));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, DwarfFunctionsTest, testing::Values(4, 5),
                         [](const auto& version) {
                           return "Dwarf" + std::to_string(version.param);
                         });

}  // namespace
}  // namespace goshawk::binary
