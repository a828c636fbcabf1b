// What a cgroup has left, by folders written here as the kernel shows them.
#include "target/memory_headroom.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace goshawk::target {
namespace {

class CgroupFolders {
 public:
  CgroupFolders() : root_(testing::TempDir() + "cgroups_for_tests") {
    std::filesystem::remove_all(root_);
  }
  ~CgroupFolders() { std::filesystem::remove_all(root_); }
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    std::ofstream(file.parent_path() / "cgroup.procs") << "";
  }
  const std::string& root() const { return root_; }

 private:
  std::string root_;
};

TEST(MemoryHeadroom, IsTheLeastOfACgroupAndThoseAboveIt) {
  CgroupFolders folders;
  folders.write("/pod/box/memory.max", "max\n");
  folders.write("/pod/box/memory.current", "500\n");
  folders.write("/pod/memory.max", "10000\n");
  folders.write("/pod/memory.current", "7000\n");
  folders.write("/pod/memory.stat", "anon 4000\ninactive_file 1500\n");
  folders.write("/cgroup.controllers", "memory\n");
  Headroom headroom = read_cgroup_headroom("0::/pod/box\n", folders.root());
  EXPECT_TRUE(headroom.known);
  EXPECT_EQ(headroom.bytes, 4500u);
  EXPECT_EQ(read_cgroup_headroom("0::/pod/box\n", folders.root(), Reclaimable::kIsTaken).bytes,
            3000u);
}

TEST(MemoryHeadroom, WhereItIsSlowedDownIsALimitToo) {
  CgroupFolders folders;
  folders.write("/box/memory.max", "9000\n");
  folders.write("/box/memory.high", "6000\n");
  folders.write("/box/memory.current", "5000\n");
  folders.write("/cgroup.controllers", "memory\n");
  EXPECT_EQ(read_cgroup_headroom("0::/box\n", folders.root()).bytes, 1000u);
}

TEST(MemoryHeadroom, OfTheLegacyInterface) {
  CgroupFolders folders;
  folders.write("/memory/a/memory.limit_in_bytes", "10000\n");
  folders.write("/memory/a/memory.usage_in_bytes", "9000\n");
  folders.write("/memory/a/memory.stat", "inactive_file 1\ntotal_inactive_file 200\n");
  folders.write("/memory/memory.limit_in_bytes", "9223372036854771712\n");
  Headroom headroom = read_cgroup_headroom("8:pids:/\n4:cpu,memory:/a\n0::/\n", folders.root());
  EXPECT_TRUE(headroom.known);
  EXPECT_EQ(headroom.bytes, 1200u);
}

TEST(MemoryHeadroom, WithoutALimitThereIsNone) {
  CgroupFolders folders;
  folders.write("/system/memory.max", "max\n");
  folders.write("/cgroup.controllers", "memory\n");
  Headroom headroom = read_cgroup_headroom("0::/system\n", folders.root());
  EXPECT_TRUE(headroom.known);
  EXPECT_EQ(headroom.bytes, std::nullopt);
}

TEST(MemoryHeadroom, WhatIsNotVisibleIsNotKnown) {
  CgroupFolders folders;
  folders.write("/cgroup.controllers", "memory\n");
  EXPECT_FALSE(read_cgroup_headroom("0::/../../pod\n", folders.root()).known);
  EXPECT_FALSE(read_cgroup_headroom("0::/elsewhere\n", folders.root()).known);
}

}  // namespace
}  // namespace goshawk::target
