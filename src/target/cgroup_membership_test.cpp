#include "target/cgroup_membership.h"

#include <gtest/gtest.h>

namespace goshawk::target {
namespace {

TEST(Cgroup, IsAPathBelowTheRoot) {
  EXPECT_EQ(shorten_cgroup("/sys/fs/cgroup/system.slice/shop.service/"),
            "/system.slice/shop.service");
  EXPECT_EQ(shorten_cgroup("kubepods.slice"), "/kubepods.slice");
  EXPECT_EQ(shorten_cgroup("/sys/fs/cgroup"), "/");
}

TEST(Cgroup, HasThoseBelowItToo) {
  std::string membership = "0::/a/b/c\n";
  EXPECT_TRUE(is_in_cgroup(membership, "/a/b/c"));
  EXPECT_TRUE(is_in_cgroup(membership, "/a"));
  EXPECT_TRUE(is_in_cgroup(membership, "/"));
  EXPECT_FALSE(is_in_cgroup(membership, "/a/b/c/d"));
  EXPECT_FALSE(is_in_cgroup(membership, "/a/bc"));
  EXPECT_TRUE(is_in_cgroup("12:pids:/other\n4:memory,cpu:/a/b\n", "/a/b"));
  for (const char* broken : {"", "\n\n", "no colons", ":", "0:"})
    EXPECT_FALSE(is_in_cgroup(broken, "/a")) << broken;
}

}  // namespace
}  // namespace goshawk::target
