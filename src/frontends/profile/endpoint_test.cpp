#include "frontends/profile/endpoint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace goshawk::frontends::profile {
namespace {

TEST(Endpoint, IsKnownByItsForm) {
  for (const char* target :
       {"http://shop", "https://shop/debug/pprof/heap", "ftp://shop", "localhost:6060",
        "10.0.0.1:6060/debug/pprof/heap?debug=1", "[::1]:6060"})
    EXPECT_TRUE(is_endpoint(target)) << target;
  for (const char* target : {"4711", "core.4711", "shop", "shop:", "shop:port", "./shop:6060",
                             "/var/log/shop:1", "-", "", "::1", "shop.log:12:30"})
    EXPECT_FALSE(is_endpoint(target)) << target;
}

TEST(Endpoint, IsNoFileOfThatName) {
  std::string folder = ::testing::TempDir();
  std::filesystem::current_path(folder);
  std::ofstream(folder + "/shop:6060") << "a file";
  EXPECT_FALSE(is_endpoint("shop:6060"));
  std::filesystem::remove(folder + "/shop:6060");
  EXPECT_TRUE(is_endpoint("shop:6060"));
}

TEST(Endpoint, IsWholeOrOneProfile) {
  auto is_one = [](const char* target) {
    return Endpoint::of({.target = target, .headers = {}})->is_one_profile();
  };
  for (const char* target : {"shop:6060", "http://shop", "http://shop/debug/pprof",
                             "http://shop/debug/pprof/", "http://shop/behind/debug/pprof/"})
    EXPECT_FALSE(is_one(target)) << target;
  for (const char* target : {"shop:6060/debug/pprof/heap", "http://shop/profiles/17"})
    EXPECT_TRUE(is_one(target)) << target;
}

TEST(Endpoint, TakesHeadersThatAreSome) {
  auto of = [](const char* header) {
    return Endpoint::of({.target = "shop:1", .headers = {header}});
  };
  EXPECT_TRUE(of("Authorization: Bearer x"));
  EXPECT_TRUE(of("X-Empty:"));
  for (const char* header : {"", ":", "no colon", "A b: c", "A: b\r\nC: d"})
    EXPECT_FALSE(of(header)) << header;
}

}  // namespace
}  // namespace goshawk::frontends::profile
