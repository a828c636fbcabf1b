#include "http/query.h"

#include <gtest/gtest.h>

namespace goshawk::http {
namespace {

TEST(RequestTarget, IsTakenApart) {
  auto target = parse_request_target("/debug/a%2fb+c?debug=2&&x=%20+y=&flag&debug=1#part");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/debug/a/b+c");
  EXPECT_EQ(target->find("debug"), "2");
  EXPECT_EQ(target->find("x"), "  y=");
  EXPECT_EQ(target->find("flag"), "");
  EXPECT_EQ(target->find("none"), std::nullopt);
  EXPECT_TRUE(parse_request_target("/?")->query.empty());
}

TEST(RequestTarget, IsRefused) {
  for (const char* text :
       {"", "x", "http://host/", "*", "/%", "/%4", "/%zz", "/%00", "/%-1", "/?a=%g0", "/?%"})
    EXPECT_FALSE(parse_request_target(text)) << text;
}

}  // namespace
}  // namespace goshawk::http
