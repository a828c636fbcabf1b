#include "report/picture_lines.h"

#include <gtest/gtest.h>

namespace goshawk::report {
namespace {

std::string pause_line(const snapshot::PictureFacts& picture) {
  StringOutput out;
  render_pause_line(out, picture, {.palette = {}, .columns = 100});
  return out.text();
}

TEST(PictureLines, TellThePauseAndWhyItWasLong) {
  snapshot::PictureFacts picture{
      .way = "twin", .pause_ns = 5'000'000, .bytes_read = 2 << 20, .stops = 1};
  EXPECT_EQ(pause_line(picture), "The process stood still for 5 ms; 2 MB read\n");
  picture.way = "copy";
  picture.way_reason = "its cgroup has 2 MB of memory\x1b left";
  picture.stops = 2;
  EXPECT_EQ(pause_line(picture),
            "The process stood still for 5 ms in 2 stops; 2 MB read; it was read while it stood "
            "still, not beside\na twin: its cgroup has 2 MB of memory\\x1b left\n");
}

TEST(PictureLines, OfWhatNeverRanThereIsNoPause) {
  EXPECT_EQ(pause_line({.way = "core", .bytes_read = 2 << 20}), "2 MB read\n");
}

}  // namespace
}  // namespace goshawk::report
