#include "base/memory_size.h"

#include <gtest/gtest.h>

namespace goshawk {
namespace {

TEST(MemorySize, AsPeopleWriteIt) {
  EXPECT_EQ(parse_memory_size("512"), 512u);
  EXPECT_EQ(parse_memory_size("2k"), 2048u);
  EXPECT_EQ(parse_memory_size("300MB"), 300u << 20);
  EXPECT_EQ(parse_memory_size("300 mib"), 300u << 20);
  EXPECT_EQ(parse_memory_size("1.5 GB"), 3u << 29);
  EXPECT_EQ(parse_memory_size("0"), 0u);
}

TEST(MemorySize, WhatIsNone) {
  for (const char* text :
       {"", "MB", "12 parsecs", "-1MB", "1e300GB", "99999999999TB", "1MBMB", "nan", "inf"})
    EXPECT_EQ(parse_memory_size(text), std::nullopt) << text;
}

TEST(MemorySize, WrittenItIsReadAgain) {
  for (std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{300} << 20,
                              (std::uint64_t{5} << 30) + 1}) {
    auto again = parse_memory_size(memory_size_text(bytes));
    ASSERT_TRUE(again);
    EXPECT_GE(*again, bytes);
    EXPECT_LT(*again - bytes, 1u << 20);
  }
  EXPECT_EQ(memory_size_text(300 << 20), "300MB");
}

}  // namespace
}  // namespace goshawk
