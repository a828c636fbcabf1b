#include "goruntime/layout/layout.h"

#include <gtest/gtest.h>

namespace goshawk::goruntime {
namespace {

GoVersion version(std::string_view text) { return parse_go_version(text).value(); }

TEST(GoVersion, Releases) {
  EXPECT_EQ(version("go1.26").minor, 26);
  EXPECT_EQ(version("go1.19.13").minor, 19);
  EXPECT_EQ(version("go1.19.13").patch, 13);
  EXPECT_EQ(version("go1.22.2-debian").patch, 2);
  EXPECT_EQ(version("go1.26rc2").minor, 26);
  EXPECT_EQ(version("go1.26rc2").patch, 0);
  EXPECT_FALSE(version("go1.26rc2").development);
}

TEST(GoVersion, Development) {
  EXPECT_EQ(version("devel go1.28-abcdef Tue Jan 2").minor, 28);
  EXPECT_TRUE(version("devel go1.28-abcdef Tue Jan 2").development);
  EXPECT_EQ(version("devel +abcdef Tue Jan 2").minor, 0);
}

TEST(GoVersion, Experiments) {
  GoVersion two = version("go1.26.1 X:goroutineleakprofile,nogreenteagc");
  EXPECT_TRUE(two.has_experiment("goroutineleakprofile"));
  EXPECT_TRUE(two.has_experiment("nogreenteagc"));
  EXPECT_FALSE(two.has_experiment("greenteagc"));
  EXPECT_EQ(two.patch, 1);
  EXPECT_EQ(two.text, "go1.26.1 X:goroutineleakprofile,nogreenteagc");
  EXPECT_TRUE(version("devel go1.28-ab Tue X:arenas").has_experiment("arenas"));
  GoVersion with_dash = version("go1.27.4-X:nogreenteagc,simd");
  EXPECT_EQ(with_dash.experiments(), (std::vector<std::string>{"nogreenteagc", "simd"}));
  EXPECT_EQ(with_dash.patch, 4);
  EXPECT_TRUE(version("devel go1.28-abX:c").experiments().empty());
  EXPECT_TRUE(version("go1.26 X:").experiments().empty());
  EXPECT_TRUE(version("go1.26 X:,,").experiments().empty());
}

TEST(GoVersion, RefusesOtherText) {
  for (const char* text : {"", "go", "go1", "go1.", "go2.1", "go1.x", "go1.99999999999", "go1.-1",
                           "gccgo 12", "devel"})
    EXPECT_FALSE(parse_go_version(text)) << text;
}

}  // namespace
}  // namespace goshawk::goruntime
