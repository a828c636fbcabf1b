#include "http/name_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace goshawk::http {
namespace {

using ::testing::ElementsAre;

TEST(Hosts, AreSearched) {
  std::string_view text =
      "127.0.0.1 localhost\n# 10.0.0.9 shop\n10.0.0.1\tweb Shop # the shop\nnonsense shop\n"
      "fe80::1%eth0 shop\n::1 shop\n10.0.0.2 shopping";
  auto found = find_in_hosts(text, "shop");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(to_text(found[0]), "10.0.0.1");
  EXPECT_EQ(to_text(found[1]), "::1");
  EXPECT_TRUE(find_in_hosts("", "shop").empty());
}

TEST(ResolvConf, IsRead) {
  NameServers servers = parse_resolv_conf(
      "; comment\nnameserver 10.96.0.10\nnameserver bad\nnameserver ::1\r\nnameserver 1.1.1.1\n"
      "nameserver 8.8.8.8\nsearch a.local b.local # c\noptions ndots:5 timeout:0 attempts:9 "
      "rotate\n");
  ASSERT_EQ(servers.servers.size(), 3U);
  EXPECT_EQ(to_text(servers.servers[0]), "10.96.0.10:53");
  EXPECT_EQ(to_text(servers.servers[1]), "[::1]:53");
  EXPECT_THAT(servers.search, ElementsAre("a.local", "b.local"));
  EXPECT_EQ(servers.dots, 5U);
  EXPECT_EQ(servers.timeout.count(), 1);
  EXPECT_EQ(servers.attempts, 5);
  EXPECT_EQ(to_text(parse_resolv_conf("").servers.at(0)), "127.0.0.1:53");
}

TEST(ResolvConf, TellsWhatToAskFor) {
  NameServers servers = parse_resolv_conf("search a.local b.local\noptions ndots:2");
  EXPECT_THAT(list_candidates(servers, "shop"),
              ElementsAre("shop.a.local", "shop.b.local", "shop"));
  EXPECT_THAT(list_candidates(servers, "w.shop.com"),
              ElementsAre("w.shop.com", "w.shop.com.a.local", "w.shop.com.b.local"));
  EXPECT_THAT(list_candidates(servers, "shop."), ElementsAre("shop."));
}

}  // namespace
}  // namespace goshawk::http
