#include "report/retention_text.h"

#include <gmock/gmock.h>

#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using findings::Retention;
using ::testing::HasSubstr;
using ::testing::Not;

std::string shown(const Retention& retention, RetentionPart part = RetentionPart::kWhole) {
  testing::PictureBuilder builder;
  StringOutput out;
  render_retention_text(out, builder.picture(), retention, part, {.palette = {}, .columns = 80});
  return out.text();
}

Retention sessions() {
  return {.asked = "main.session",
          .objects = 40000,
          .shallow_bytes = std::uint64_t{40000} * 24,
          .live_bytes = 80 << 20,
          .retained_bytes = 40 << 20,
          .retained_objects = 80000,
          .retained_types = {.total_bytes = 40 << 20,
                             .types = {{{"[]uint8", 40000, 39 << 20}}},
                             .unknown = {}},
          .paths = {{"main.shop.sessions[...]", 39999, std::uint64_t{39999} * 24},
                    {"main.last", 1, 24}},
          .more_paths = 1,
          .referrers = {{"map[int]*main.session entries", 64, 0}, {"main.last", 1, 0}},
          .referents = {{"[]uint8", 40000, 0}}};
}

TEST(RetentionText, AllObjectsOfAType) {
  std::string text = shown(sessions());
  EXPECT_THAT(text, HasSubstr("main.session: 40,000 live objects, 938 KB; without them would be "
                              "freed: 40 MB in\n80,000 objects (50 % of the live heap)\n"));
  EXPECT_THAT(text, HasSubstr("    938 KB      39,999  main.shop.sessions[...]\n"));
  EXPECT_THAT(text, HasSubstr("1 other way\n"));
  EXPECT_THAT(text, HasSubstr("Who refers to them\n  64 × map[int]*main.session entries\n"));
  EXPECT_THAT(text, HasSubstr("     39 MB     98 %       40,000  []uint8\n"));
}

TEST(RetentionText, OnePartOnly) {
  EXPECT_THAT(shown(sessions(), RetentionPart::kPaths), Not(HasSubstr("[]uint8")));
  EXPECT_THAT(shown(sessions(), RetentionPart::kHolds), Not(HasSubstr("main.shop")));
}

TEST(RetentionText, OneObject) {
  Retention one = sessions();
  one.address = 0xc000123450;
  one.type = "main.session";
  one.objects = 1;
  one.paths.resize(1);
  one.more_paths = 0;
  std::string text = shown(one);
  EXPECT_THAT(text, HasSubstr("0xc000123450: main.session, "));
  EXPECT_THAT(text, HasSubstr("How it is held\n  main.shop.sessions[...]\n"));
}

TEST(RetentionText, OfAGoroutine) {
  Retention goroutine{.asked = "goroutine 7", .is_goroutine = true, .live_bytes = 80 << 20};
  std::string nothing = shown(goroutine, RetentionPart::kHolds);
  EXPECT_THAT(nothing, HasSubstr("The stack of goroutine 7 alone holds nothing of the heap\n"));
  EXPECT_THAT(nothing, Not(HasSubstr("What would be freed")));
  goroutine.retained_bytes = 4096;
  goroutine.retained_objects = 2;
  goroutine.retained_types.total_bytes = goroutine.retained_types.unknown_bytes = 4096;
  EXPECT_THAT(shown(goroutine, RetentionPart::kHolds),
              HasSubstr("What would be freed, by type\n"
                        "      4 KB    100 %            2  of unknown type\n"))
      << "no heading stands alone";
}

TEST(RetentionText, Garbage) {
  EXPECT_THAT(shown({.asked = "0xc000123450", .address = 0xc000123450, .live = false}),
              HasSubstr("nothing that lives leads to it: it is\ngarbage\n"));
}

}  // namespace
}  // namespace goshawk::report
