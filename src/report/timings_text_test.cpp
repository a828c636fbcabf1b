#include "report/timings_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace goshawk::report {
namespace {

constexpr std::uint64_t kGigabyte = 1 << 30;

TEST(TimingsText, RowsAndTheirSum) {
  std::vector<StageTime> timings = {
      {.name = "stop the threads", .times = 2, .wall_ns = 1'500'000, .cpu_ns = 100'000},
      {.name = "decode the heap",
       .times = 1,
       .wall_ns = 500'000'000,
       .cpu_ns = 900'000'000,
       .bytes_read = kGigabyte}};
  EXPECT_EQ(timings_text(timings, 8.0 * kGigabyte, 252 << 20),
            "stage                                     time   processor        read\n"
            "stop the threads (2 times)              1.5 ms      0.1 ms\n"
            "decode the heap                       500.0 ms    900.0 ms        1 GB  "
            "2.00 GB/s, 25 % of copying\n"
            "together                              501.5 ms    900.1 ms        1 GB\n"
            "this machine copies 8.00 GB/s of memory\n"
            "peak memory: 252 MB\n");
}

TEST(TimingsText, WhatIsNotKnownIsLeftOut) {
  std::vector<StageTime> timings = {{.name = "open the file", .times = 1, .wall_ns = 1'000'000}};
  EXPECT_EQ(timings_text(timings, 0, 0),
            "stage                                     time   processor        read\n"
            "open the file                           1.0 ms      0.0 ms\n"
            "together                                1.0 ms      0.0 ms\n");
}

TEST(TimingsText, LittleReadHasNoSpeed) {
  EXPECT_FALSE(has_speed({.name = "", .wall_ns = 1000, .bytes_read = 4096}));
  EXPECT_TRUE(has_speed({.name = "", .wall_ns = 1000, .bytes_read = 2 << 20}));
}

}  // namespace
}  // namespace goshawk::report
