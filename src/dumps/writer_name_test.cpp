#include "dumps/writer_name.h"

#include <gtest/gtest.h>

namespace goshawk::dumps {
namespace {

TEST(WriterName, IsWhatIsLeftOfAPrefix) {
  EXPECT_EQ(name_in_prefix("[pod/shop-7d9f/shop] "), "pod/shop-7d9f/shop");
  EXPECT_EQ(name_in_prefix("web-1  | "), "web-1");
  EXPECT_EQ(name_in_prefix("Nov 29 18:30:53 web1 shop[4711]: "), "web1 shop[4711]");
  EXPECT_EQ(name_in_prefix("[4711] 18:30:53 "), "4711");
  EXPECT_EQ(name_in_prefix("time=2026-11-29T18:30:53Z level=info pid=12 "), "pid=12");
}

TEST(WriterName, IsNoTimeLevelOrStream) {
  for (const char* prefix :
       {"", "2026-11-29T18:30:53.25Z stderr F ", "2026/11/29 18:30:53 main.go:42: ",
        "E1129 18:30:53.123456    4711 dump.go:7] ", "ERROR: ", "panic: "})
    EXPECT_EQ(name_in_prefix(prefix), "") << prefix;
}

TEST(WriterName, IsToldByKeysOfJson) {
  EXPECT_EQ(name_in_json(R"({"log":"x","stream":"stderr","pod":"shop-1"})"), "shop-1");
  EXPECT_EQ(name_in_json(R"({"MESSAGE":"x","_PID":"12","_HOSTNAME":"web1"})"), "12 web1");
  EXPECT_EQ(name_in_json(R"({"log":"x"})"), "");
}

}  // namespace
}  // namespace goshawk::dumps
