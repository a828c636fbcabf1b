#include "goruntime/symbols/functions.h"

#include <gtest/gtest.h>

#include <random>

#include "goruntime/testing/synthetic_program.h"

namespace goshawk::goruntime {
namespace {

// Every release shares one of two shapes of _func and inlinedCall.
class FunctionsTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Shapes, FunctionsTest, testing::Values(19, 20, 27));

SyntheticProgram three_functions(int minor) {
  SyntheticProgram program(minor);
  program.add({.name = "main.first", .lines = {{0x40, 7}}, .files = {{0x40, 0}}});
  program.add({.name = "main.second",
               .size_bytes = 0x100,
               .lines = {{0x10, 20}, {0x80, 21}, {0x100, 30}},
               .files = {{0x80, 1}, {0x100, 0}}});
  program.add({.name = "main.third",
               .func_id = static_cast<std::uint8_t>(minor < 22 ? 21 : 23),
               .lines = {{0x40, 1}},
               .files = {{0x40, 0}}});
  return program;
}

TEST_P(FunctionsTest, FindsByPcAtTheEdges) {
  SyntheticProgram program = three_functions(GetParam());
  Functions functions = program.build();
  Address text = SyntheticProgram::kText;
  EXPECT_EQ(functions.count(), 3U);
  EXPECT_EQ(functions.find(text - 1), kNoFunction);
  EXPECT_EQ(functions.find(text), 0U);
  EXPECT_EQ(functions.find(text + 0x3f), 0U);
  EXPECT_EQ(functions.find(text + 0x40), 1U);
  EXPECT_EQ(functions.find(text + 0x13f), 1U);
  EXPECT_EQ(functions.find(text + 0x140), 2U);
  EXPECT_EQ(functions.find(text + 0x180), kNoFunction);
  EXPECT_EQ(functions.entry(1), text + 0x40);
  EXPECT_EQ(functions.name(1), "main.second");
  EXPECT_EQ(functions.name(kNoFunction), "");
}

TEST_P(FunctionsTest, FindsByNameWholeNamesOnly) {
  SyntheticProgram program = three_functions(GetParam());
  Functions functions = program.build();
  EXPECT_EQ(functions.find_by_name("main.second"), 1U);
  EXPECT_EQ(functions.find_by_name("main.sec"), std::nullopt);
  EXPECT_EQ(functions.find_by_name("ain.second"), std::nullopt);
  EXPECT_EQ(functions.find_by_name(""), std::nullopt);
  const std::string_view names[] = {"main.third", "main.none", "main.first"};
  std::vector<std::optional<FunctionId>> expected = {2, std::nullopt, 0};
  EXPECT_EQ(functions.find_by_names(names), expected);
}

TEST(FunctionNameTest, FunctionIsPreferredToItsAbiWrapper) {
  constexpr std::uint8_t kWrapper = 23;
  constexpr std::uint8_t kSystemstack = 21;
  SyntheticProgram program(27);
  program.add({.name = "runtime.systemstack", .func_id = kWrapper});
  program.add({.name = "runtime.systemstack", .func_id = kSystemstack});
  program.add({.name = "runtime.systemstack", .func_id = kWrapper});
  Functions functions = program.build();
  EXPECT_EQ(functions.find_by_name("runtime.systemstack"), 1U);
  EXPECT_EQ(functions.find_all_by_name("runtime.systemstack"), std::vector<FunctionId>{1});
  EXPECT_TRUE(functions.find_all_by_name("runtime.gopark").empty());
  EXPECT_EQ(functions.kind(0), FunctionKind::kWrapper);
  EXPECT_EQ(functions.kind(1), FunctionKind::kSystemstack);
}

TEST_P(FunctionsTest, FileAndLine) {
  SyntheticProgram program = three_functions(GetParam());
  Functions functions = program.build();
  auto position = [&](std::uint64_t offset) {
    auto frames = functions.source_frames(1, functions.entry(1) + offset);
    EXPECT_EQ(frames.size(), 1U);
    return std::string(frames.front().file) + ":" + std::to_string(frames.front().line);
  };
  EXPECT_EQ(position(0), "/src/b.go:20");
  EXPECT_EQ(position(0x10), "/src/b.go:21");
  EXPECT_EQ(position(0x80), "/src/a.go:30");
  EXPECT_EQ(position(0x1000), "?:0");
}

SyntheticProgram inlining(int minor) {
  SyntheticProgram program(minor);
  // outer calls middle at +8, which calls inner at +0x18; inner spans [0x20, 0x30).
  program.add({.name = "main.outer",
               .lines = {{0x10, 10}, {0x20, 20}, {0x30, 30}, {0x40, 11}},
               .files = {{0x40, 0}},
               .inline_index = {{0x10, -1}, {0x20, 0}, {0x30, 1}, {0x40, -1}},
               .inlined = {{.name = "main.middle", .parent_pc = 8},
                           {.name = "main.inner", .parent_pc = 0x18}}});
  return program;
}

TEST_P(FunctionsTest, ExpandsInlinedCallsInnermostFirst) {
  SyntheticProgram program = inlining(GetParam());
  Functions functions = program.build();
  auto frames = functions.source_frames(0, functions.entry(0) + 0x28);
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0].function, "main.inner");
  EXPECT_EQ(frames[0].line, 30U);
  EXPECT_TRUE(frames[0].inlined);
  EXPECT_EQ(frames[1].function, "main.middle");
  EXPECT_EQ(frames[1].line, 20U);
  EXPECT_EQ(frames[2].function, "main.outer");
  EXPECT_EQ(frames[2].line, 10U);
  EXPECT_FALSE(frames[2].inlined);
  EXPECT_EQ(functions.source_frames(0, functions.entry(0) + 0x30).size(), 1U);
}

TEST_P(FunctionsTest, CreationFrameIsThePhysicalFunctionWithTheInlinedLine) {
  SyntheticProgram program = inlining(GetParam());
  Functions functions = program.build();
  auto frame = functions.creation_frame(functions.entry(0) + 0x29);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->function, "main.outer");
  EXPECT_EQ(frame->line, 30U);
  EXPECT_FALSE(functions.creation_frame(Address(16)));
}

TEST_P(FunctionsTest, CircleInTheInlineTreeEnds) {
  SyntheticProgram program(GetParam());
  program.add({.name = "main.f",
               .lines = {{0x40, 1}},
               .files = {{0x40, 0}},
               .inline_index = {{0x40, 0}},
               .inlined = {{.name = "main.self", .parent_pc = 4}}});
  Functions functions = program.build();
  auto frames = functions.source_frames(0, functions.entry(0) + 4);
  EXPECT_LE(frames.size(), 1001U);
  EXPECT_EQ(frames.back().function, "main.f");
}

TEST_P(FunctionsTest, InlineRowBehindTheTreeIsLeftOut) {
  SyntheticProgram program(GetParam());
  program.add({.name = "main.f",
               .lines = {{0x40, 1}},
               .files = {{0x40, 0}},
               .inline_index = {{0x40, 1 << 28}},
               .inlined = {{.name = "main.g"}}});
  Functions functions = program.build();
  EXPECT_EQ(functions.source_frames(0, functions.entry(0)).size(), 1U);
}

TEST_P(FunctionsTest, ShapeOfAnotherReleaseIsNotTaken) {
  SyntheticProgram program = three_functions(GetParam());
  program.build();
  EXPECT_TRUE(program.open_pclntab().has_shape());
  GoVersion other;
  other.minor = GetParam() == 19 ? 20 : 19;
  EXPECT_FALSE(program.open_pclntab(FuncLayout::bind(other)).has_shape());
}

TEST_P(FunctionsTest, HiddenEntriesAreReadByTheKeyThatAllAgreeOn) {
  for (std::uint32_t key : {1U, 0x9e3779b9U, 0x80000000U, 0xfffffffeU}) {
    SyntheticProgram program = three_functions(GetParam());
    program.entry_key = key;
    program.build();
    Pclntab pclntab = program.open_pclntab();
    EXPECT_TRUE(pclntab.has_shape());
    EXPECT_EQ(pclntab.find_entry_key(), key);
    EXPECT_EQ(pclntab.record(1)->entry, SyntheticProgram::kText + 0x40);
  }
}

// Names at even offsets leave the key's highest bit open: it never matters then.
TEST_P(FunctionsTest, KeyOfEvenNameOffsets) {
  SyntheticProgram program(GetParam());
  program.entry_key = 0xdeadbeef;
  program.add({.name = "", .inlined = {{.name = "inline"}, {.name = "."}}});  // at 1 and 8
  program.add({.name = "main.an"});                                           // at 10
  program.add({.name = "main.b"});                                            // at 18
  program.build();
  auto key = program.open_pclntab().find_entry_key();
  ASSERT_TRUE(key);
  EXPECT_EQ(*key << 1, 0xdeadbeefU << 1);
  EXPECT_TRUE(program.open_pclntab().has_shape());
}

TEST_P(FunctionsTest, EntriesThatFitNoKeyAreNotBelieved) {
  SyntheticProgram program = three_functions(GetParam());
  program.entry_key = 0x9e3779b9;
  program.build();
  Pclntab pclntab = program.open_pclntab();
  ASSERT_TRUE(pclntab.has_shape());
  auto last = pclntab.record(2)->tables_offset - FuncLayout::bind(program.version()).size_bytes;
  program.pclntable()[last + func_head::kEntryOff] ^= std::byte{4};
  EXPECT_EQ(pclntab.find_entry_key(), std::nullopt);
  EXPECT_FALSE(pclntab.has_shape());
}

TEST(FunctionsTextTest, TextInSeveralSections) {
  SyntheticProgram program = three_functions(27);
  program.build();
  Moduledata& module = program.module();
  constexpr Address kFar{0x9000000};  // of the second function on
  module.text_sections = {{0, 0x40, SyntheticProgram::kText}, {0x40, 0x180, kFar}};
  module.functions = {SyntheticProgram::kText, kFar + 0x140};
  Pclntab pclntab = program.open_pclntab();
  EXPECT_EQ(pclntab.find(SyntheticProgram::kText + 0x3f), 0U);
  EXPECT_EQ(pclntab.find(SyntheticProgram::kText + 0x40), std::nullopt);
  EXPECT_EQ(pclntab.find(kFar), 1U);
  EXPECT_EQ(pclntab.find(kFar + 0x13f), 2U);
  EXPECT_EQ(pclntab.entry(1), kFar);
  EXPECT_EQ(pclntab.record(2)->entry, kFar + 0x100);
}

// Whatever stands in the tables, reading them ends and stays inside.
TEST_P(FunctionsTest, BrokenTablesAreSurvived) {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    SyntheticProgram program = inlining(GetParam());
    program.add({.name = "main.second",
                 .args_bytes = 16,
                 .spdelta = {{0x40, 32}},
                 .stack_map_index = {{0x40, 0}},
                 .locals = SyntheticProgram::Bits{"101"},
                 .args = SyntheticProgram::Bits{"01"},
                 .objects = {{.offset = -16, .size_bytes = 16, .pointer_bytes = 8, .mask = {1}}}});
    auto tables = program.build_tables();
    for (int flips = 0; flips < 1 + round % 20; ++flips) {
      std::size_t at = random() % program.image().size();
      program.image()[at] = static_cast<std::byte>(random());
    }
    Functions functions(std::move(tables));
    for (std::uint64_t offset = 0; offset < 0x90; ++offset) {
      Address pc = SyntheticProgram::kText + offset;
      FunctionId function = functions.find(pc);
      functions.source_frames(function, pc);
      functions.creation_frame(pc);
      functions.name(function);
    }
    functions.find_by_name("main.outer");
  }
}

TEST_P(FunctionsTest, CutOffTablesAreSurvived) {
  SyntheticProgram program = inlining(GetParam());
  program.build();
  for (std::size_t size = 0; size < program.image().size(); size += 3) {
    ByteView cut = ByteView(program.image()).first(size);
    Pclntab pclntab(program.module(), {cut, cut, cut, cut, cut},
                    FuncLayout::bind(program.version()));
    pclntab.has_shape();
    for (std::uint32_t index = 0; index < 3; ++index) {
      pclntab.entry(index);
      if (auto record = pclntab.record(index)) {
        pclntab.file_line(*record, record->entry);
        pclntab.pcdata(*record, kPcdataStackMapIndex, record->entry);
        pclntab.funcdata(*record, kFuncdataInlTree);
      }
    }
  }
}

}  // namespace
}  // namespace goshawk::goruntime
