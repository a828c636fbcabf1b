#include "goruntime/facts/layout_choice.h"

#include <gtest/gtest.h>

namespace goshawk::goruntime {
namespace {

// What a binary's debug information says: its own runtime.sudog, and nothing of what it does not
// use.
class OwnLayout final : public LayoutSource {
 public:
  explicit OwnLayout(int& asked_for_absent) : asked_for_absent_(asked_for_absent) {}
  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    if (type == "runtime.sudog" || type == "main.T") return 64;
    ++asked_for_absent_;
    return std::nullopt;
  }
  std::optional<Field> field(std::string_view type, std::string_view name) const override {
    if (size_of(type) && name == "next") return Field{48, 8};
    return std::nullopt;
  }
  std::optional<std::int64_t> constant(std::string_view name) const override {
    if (name == "_Gwaiting") return 44;
    ++asked_for_absent_;
    return std::nullopt;
  }
  std::string origin() const override { return "own"; }

 private:
  int& asked_for_absent_;
};

class CombinedLayoutTest : public testing::Test {
 protected:
  int asked_for_absent = 0;
  std::unique_ptr<LayoutSource> both =
      combined_layout(std::make_unique<OwnLayout>(asked_for_absent),
                      TableLayout::find(parse_go_version("go1.27.4").value(), "amd64").value());
};

TEST_F(CombinedLayoutTest, TheBinaryAnswersForWhatEveryProgramDescribes) {
  EXPECT_EQ(both->size_of("runtime.sudog"), 64U);
  EXPECT_EQ(both->field("runtime.sudog", "next")->offset, 48U);
  EXPECT_EQ(both->constant("_Gwaiting"), 44);
}

TEST_F(CombinedLayoutTest, AFieldThatTheBinaryDoesNotHaveDoesNotExist) {
  EXPECT_FALSE(both->field("runtime.sudog", "waitlink"));
}

TEST_F(CombinedLayoutTest, TheBinaryAnswersForWhatNoTableTracks) {
  EXPECT_EQ(both->size_of("main.T"), 64U);
}

TEST_F(CombinedLayoutTest, TheTableAnswersForWhatProgramsNeedNotUse) {
  EXPECT_EQ(both->size_of("sync.Mutex"), 8U);
  EXPECT_EQ(both->field("runtime.notifyList", "head")->offset, 16U);
  EXPECT_EQ(both->constant("internal/abi.TFlagNamed"), 4);
  EXPECT_EQ(asked_for_absent, 0);
}

TEST_F(CombinedLayoutTest, NamesOfOtherReleasesAreAbsentWithoutASearch) {
  EXPECT_FALSE(both->size_of("runtime.finblock"));
  EXPECT_FALSE(both->size_of("runtime._type"));
  EXPECT_FALSE(both->constant("timerModifying"));
  EXPECT_EQ(asked_for_absent, 0);
}

TEST_F(CombinedLayoutTest, ACrippledDescriptionIsCompletedByTheTable) {
  EXPECT_EQ(both->field("runtime.g", "goid")->offset, 152U);
}

// What a stripped program's type descriptors say: a runtime.mutex of any size, and a g.
class Descriptors final : public LayoutSource {
 public:
  explicit Descriptors(std::uint64_t mutex_bytes) : mutex_bytes_(mutex_bytes) {}
  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    if (type == "runtime.mutex") return mutex_bytes_;
    if (type == "runtime.g") return 1000;
    return std::nullopt;
  }
  std::optional<Field> field(std::string_view type, std::string_view name) const override {
    if (type == "runtime.g" && name == "goid") return Field{900, 8};
    return std::nullopt;
  }
  std::optional<std::int64_t> constant(std::string_view) const override { return std::nullopt; }
  std::string origin() const override { return "type descriptors"; }

 private:
  std::uint64_t mutex_bytes_;
};

std::unique_ptr<LayoutSource> completed(std::uint64_t mutex_bytes) {
  return completed_layout(std::make_unique<Descriptors>(mutex_bytes),
                          TableLayout::find(parse_go_version("go1.27.4").value(), "amd64").value());
}

TEST(CompletedLayout, TheProgramAnswersForWhatItDescribes) {
  auto layout = completed(8);
  EXPECT_EQ(layout->field("runtime.g", "goid")->offset, 900U);
  EXPECT_FALSE(layout->field("runtime.g", "waiting")) << "the table's g is another one";
  EXPECT_EQ(layout->field("runtime.semaRoot", "treap")->offset, 8U);
  EXPECT_EQ(layout->constant("_Gwaiting"), 4);
  EXPECT_EQ(layout->origin(), "type descriptors, then table go1.27.4 amd64");
  EXPECT_EQ(layout->origin_of("runtime.g"), "type descriptors");
  EXPECT_EQ(layout->origin_of("runtime.semaRoot"), "table go1.27.4 amd64");
}

TEST(CompletedLayout, ATableDoesNotHoldWhereAStructureInItHasAnotherSize) {
  auto layout = completed(16);
  EXPECT_FALSE(layout->field("runtime.semaRoot", "treap"));
  EXPECT_FALSE(layout->size_of("runtime.mheap"));
  EXPECT_EQ(layout->origin_of("runtime.mheap"), "");
  EXPECT_TRUE(layout->size_of("runtime.specialfinalizer")) << "has no mutex in it";
}

LayoutClues clues(std::string_view version) {
  return {nullptr, nullptr, {}, parse_go_version(version).value(), "arm64"};
}

TEST(LayoutChoice, WithoutAFileTheTableAnswers) {
  auto choice = choose_layout(clues("go1.27.4"));
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->source->origin(), "table go1.27.4 arm64");
  EXPECT_EQ(choice->remark, "");
}

TEST(LayoutChoice, AReleaseThatNoTableKnowsIsReadByTheNearestAndSaid) {
  for (const char* newer : {"go1.99", "go1.28.3", "devel go1.28-0a1b", "devel +0a1b"}) {
    auto choice = choose_layout(clues(newer));
    ASSERT_TRUE(choice) << newer;
    EXPECT_EQ(choice->source->origin(), "the nearest table, go1.27.4 arm64");
    EXPECT_EQ(choice->remark,
              std::string(newer) +
                  " is newer than what this goshawk knows: it was read by the nearest table, "
                  "go1.27.4 arm64, and every check passed");
  }
  auto between = choose_layout(clues("devel go1.26-0a1b"));
  ASSERT_TRUE(between);
  EXPECT_EQ(between->source->origin(), "the nearest table, go1.26.11 arm64");
  EXPECT_NE(between->remark.find("is between two releases"), std::string::npos);
}

TEST(LayoutChoice, AnUnknownExperimentIsNotRead) {
  EXPECT_FALSE(choose_layout(clues("go1.27.4 X:movingstructs")));
  EXPECT_FALSE(choose_layout(clues("go1.99 X:movingstructs")));
  EXPECT_FALSE(choose_layout(clues("go1.18.3")));
}

}  // namespace
}  // namespace goshawk::goruntime
