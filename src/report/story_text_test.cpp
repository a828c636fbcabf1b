#include "report/story_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using findings::Fate;
using findings::Story;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string story_text(testing::PictureBuilder& builder, const Story& story) {
  StringOutput out;
  render_story_text(out, builder.picture(), story, {});
  return out.text();
}

testing::PictureBuilder one_waiting() {
  testing::PictureBuilder builder;
  snapshot::StackId stack = builder.stack({builder.frame("main.f", "/a.go", 12)});
  builder.waiting(18, "chan receive", stack, builder.frame("main.main", "/a.go", 5)).creator_goid =
      1;
  return builder;
}

TEST(StoryText, AnswersFirst) {
  testing::PictureBuilder builder = one_waiting();
  std::string text =
      story_text(builder, {.goid = 18,
                           .fate = Fate::kLikelyLeaked,
                           .waits = {{"to receive from a channel", 0xc000123450, {19, 20}}},
                           .reasons = {"only a context refers to it", "held by main.app"},
                           .group = {}});
  EXPECT_THAT(text, StartsWith("Goroutine 18 is likely leaked"));
  EXPECT_THAT(text, HasSubstr("started by goroutine 1 in main.main"));
  EXPECT_THAT(text, HasSubstr("waits   to receive from a channel at 0xc000123450; so does each of "
                              "goroutines 19 20\n"));
  EXPECT_THAT(text,
              HasSubstr("why     only a context refers to it\n           held by main.app\n"));
}

TEST(StoryText, TellsOthersOnlyByNumberWhenTheyAreMany) {
  testing::PictureBuilder builder = one_waiting();
  std::vector<std::uint64_t> others(40, 7);
  std::string text = story_text(builder, {.goid = 18,
                                          .fate = Fate::kAlive,
                                          .waits = {{"to send", 1, others, "so does"}},
                                          .reasons = {},
                                          .group = {}});
  EXPECT_THAT(text, StartsWith("Goroutine 18 is alive\n"));
  EXPECT_THAT(text, HasSubstr("7 and 28 more"));
}

TEST(StoryText, AsksForGrowthOfWhatThereMayBeMoreOf) {
  for (std::uint64_t goid : {1, 18}) {
    testing::PictureBuilder builder;
    snapshot::StackId stack = builder.stack({builder.frame("main.f", "/a.go", 12)});
    builder.waiting(goid, "chan receive", stack, snapshot::kNone);
    builder.picture().target.kind = "process";
    std::string text = story_text(
        builder, {.goid = goid, .fate = Fate::kAlive, .waits = {}, .reasons = {}, .group = {}});
    EXPECT_EQ(text.find("--samples 3") != std::string::npos, goid != 1);
  }
}

TEST(StoryText, LetsNoControlCharacterThrough) {
  testing::PictureBuilder builder = one_waiting();
  std::string text = story_text(builder, {.goid = 18,
                                          .fate = Fate::kUndecided,
                                          .waits = {},
                                          .reasons = {"held by main.\x1b[2J"},
                                          .group = {}});
  EXPECT_THAT(text, StartsWith("Whether goroutine 18 can ever run again could not be decided"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace goshawk::report
