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

TEST(LayoutChoice, WithoutAFileTheTableAnswers) {
  auto source = choose_layout(nullptr, parse_go_version("go1.27.4").value(), "arm64");
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->origin(), "table go1.27.4 arm64");
  EXPECT_FALSE(choose_layout(nullptr, parse_go_version("go1.99").value(), "arm64"));
}

}  // namespace
}  // namespace goshawk::goruntime
