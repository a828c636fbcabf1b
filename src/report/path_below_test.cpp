#include "report/path_below.h"

#include <gtest/gtest.h>

namespace goshawk::report {
namespace {

TEST(PathBelow, SaysWhatIsMore) {
  EXPECT_EQ(path_below("main.shop.sessions[...]", "main.shop"), ".sessions[...]");
  EXPECT_EQ(path_below("main.shopping", "main.shop"), "main.shopping");
  EXPECT_EQ(path_below("main.shop", "main.shop"), "");
  EXPECT_EQ(path_below("main.shop.carts", "main.users"), "main.shop.carts");
  EXPECT_EQ(path_below("main.shop.carts -> ...", "main.shop"), ".carts");
}

TEST(PathBelow, RepeatsNoneThatIsCutShort) {
  EXPECT_EQ(path_below("main.shop.carts ... 2 more steps", "main.shop.carts[...].items"), "...");
  EXPECT_EQ(path_below("main.shop.carts ... 3 more steps", "main.shop.carts ... 2 more steps"),
            "...");
  EXPECT_EQ(path_below("main.shop.carts ... 2 more steps", "main.users"),
            "main.shop.carts ... 2 more steps");
}

}  // namespace
}  // namespace goshawk::report
