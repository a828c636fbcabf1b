#include "report/retained_profile.h"

#include <gmock/gmock.h>

namespace goshawk::report {
namespace {

using findings::HeldPart;
using ::testing::ElementsAre;

std::vector<HeldPart> parts() {
  return {{.parent = 0, .name = ""},
          {.parent = 0, .name = "main.shop"},
          {.parent = 1,
           .name = "struct { a int; b int }",
           .is_object = true,
           .objects = 2,
           .bytes = 32},
          {.parent = 2, .name = "", .is_object = true, .slot_bytes = 64, .objects = 1, .bytes = 64},
          {.parent = 0, .name = "", .objects = 3, .bytes = 10}};
}

TEST(RetainedProfile, FoldedLinesAreWholeStacksTheLargestFirst) {
  std::vector<HeldPart> all = parts();
  all.push_back({.parent = 1, .name = "main.b", .is_object = true, .objects = 1, .bytes = 32});
  StringOutput out;
  render_folded(out, all);
  EXPECT_EQ(out.text(),
            "main.shop;struct { a int, b int };64 bytes of unknown type 64\n"
            "main.shop;main.b 32\n"
            "main.shop;struct { a int, b int } 32\n"
            "smaller holders 10\n");
}

TEST(RetainedProfile, AnObjectWithoutAHolderOfItsOwnIsHeldBySeveral) {
  std::vector<HeldPart> shared = {
      {.parent = 0, .name = ""},
      {.parent = 0, .name = "main.owner", .is_object = true, .objects = 1, .bytes = 16},
      {.parent = 1, .name = "[]uint8", .is_object = true, .objects = 2, .bytes = 64}};
  StringOutput out;
  render_folded(out, shared);
  EXPECT_EQ(out.text(),
            "what several hold;main.owner;[]uint8 64\n"
            "what several hold;main.owner 16\n");
  pprof::Profile profile = make_retained_profile(shared, 7);
  ASSERT_EQ(profile.sample_count(), 2u);
  EXPECT_EQ(profile.stack_of(0).size(), 2u);
  EXPECT_EQ(profile.stack_of(1).size(), 3u);
}

TEST(RetainedProfile, SamplesAddUpToTheHeap) {
  pprof::Profile profile = make_retained_profile(parts(), 7);
  ASSERT_EQ(profile.sample_count(), 3u);
  EXPECT_THAT(profile.values_of(0), ElementsAre(2, 32));
  // Innermost first.
  EXPECT_EQ(profile.stack_of(1).size(), 3u);
  const pprof::Line& outermost = profile.lines_of(profile.stack_of(1)[2])[0];
  EXPECT_EQ(profile.strings[profile.functions[outermost.function].name], "main.shop");
  EXPECT_EQ(profile.time_ns, 7);
  EXPECT_EQ(profile.type_name(1), "space");
}

}  // namespace
}  // namespace goshawk::report
