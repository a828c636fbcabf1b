#include "report/measures.h"

#include <gtest/gtest.h>

#include <limits>

namespace goshawk::report {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(Measures, Counts) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1240), "1,240");
  EXPECT_EQ(human_count(1234567), "1,234,567");
}

TEST(Measures, Bytes) {
  EXPECT_EQ(human_bytes(0), "0 bytes");
  EXPECT_EQ(human_bytes(1), "1 byte");
  EXPECT_EQ(human_bytes(512), "512 bytes");
  EXPECT_EQ(human_bytes(2048), "2 KB");
  EXPECT_EQ(human_bytes(1536), "1.5 KB");
  EXPECT_EQ(human_bytes(152 * 1024), "152 KB");
  EXPECT_EQ(human_bytes(1024 * 1024 - 1), "1 MB");
  EXPECT_EQ(human_bytes(5ULL << 30), "5 GB");
  EXPECT_EQ(human_bytes(std::numeric_limits<std::uint64_t>::max()), "16 EB");
}

TEST(Measures, Durations) {
  EXPECT_EQ(human_duration(3'200'000), "3.2 ms");
  EXPECT_EQ(human_duration(850'000), "850 us");
  EXPECT_EQ(human_duration(1'500'000'000), "1.5 s");
  EXPECT_EQ(human_duration(59 * kSecond), "59 seconds");
  EXPECT_EQ(human_duration(60 * kSecond), "1 minute");
  EXPECT_EQ(human_duration(125 * 60 * kSecond), "2 hours 5 minutes");
  EXPECT_EQ(human_duration(49 * 3600 * kSecond), "2 days 1 hour");
  EXPECT_EQ(human_duration(103 * kSecond), "2 minutes");
  EXPECT_EQ(human_duration(3599 * kSecond), "1 hour");
  EXPECT_EQ(human_duration(24 * 3600 * kSecond - 1), "1 day");
  EXPECT_EQ(human_duration(999'960), "1 ms");
  EXPECT_EQ(human_duration(9'960'000'000), "10 seconds");
  EXPECT_EQ(human_duration(std::numeric_limits<std::int64_t>::max()), "106,752 days");
  EXPECT_EQ(human_duration(-5), "0 us");
  EXPECT_EQ(short_duration(125 * 60 * kSecond), "2h5m");
  EXPECT_EQ(short_duration(45 * kSecond), "45s");
}

TEST(Measures, Changes) {
  EXPECT_EQ(signed_count(1240), "+1,240");
  EXPECT_EQ(signed_count(-38), "-38");
  EXPECT_EQ(signed_count(0), "0");
  EXPECT_EQ(signed_bytes(3 << 19), "+1.5 MB");
  EXPECT_EQ(signed_bytes(-512), "-512 bytes");
  EXPECT_EQ(signed_bytes(std::numeric_limits<std::int64_t>::min()), "-8 EB");
}

TEST(Measures, SingularAndPlural) {
  EXPECT_EQ(plural(1, "goroutine"), "1 goroutine");
  EXPECT_EQ(plural(0, "goroutine"), "0 goroutines");
  EXPECT_EQ(plural(2000, "goroutine"), "2,000 goroutines");
  EXPECT_EQ(plural(2, "process", "processes"), "2 processes");
}

}  // namespace
}  // namespace goshawk::report
