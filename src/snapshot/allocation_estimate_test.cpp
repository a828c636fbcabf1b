#include "snapshot/allocation_estimate.h"

#include <gtest/gtest.h>

#include <limits>

namespace goshawk::snapshot {
namespace {

TEST(AllocationEstimate, ScalesAsPprofDoes) {
  constexpr std::uint64_t kRate = 512 << 10;
  EXPECT_EQ(scale_samples(0, 16, kRate).bytes, 0);
  EXPECT_EQ(scale_samples(3, 0, kRate).objects, 0);
  // 1 / (1 - exp(-16 / 524288)) is 32768.5.
  EXPECT_EQ(scale_samples(1, 16, kRate).objects, 32768);
  EXPECT_EQ(scale_samples(1, 16, kRate).bytes, 524296);
  EXPECT_EQ(scale_samples(7, 64 << 20, kRate).objects, 7);
  for (std::uint64_t rate : {0, 1}) {
    EXPECT_EQ(scale_samples(3, 16, rate).objects, 3);
    EXPECT_EQ(scale_samples(3, 16, rate).bytes, 48);
  }
}

TEST(AllocationEstimate, HugeCountsStayInRange) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  AllocationAmount amount = scale_samples(kMost, kMost, kMost);
  EXPECT_EQ(amount.bytes, std::numeric_limits<std::int64_t>::max());
  amount.add(amount);
  EXPECT_EQ(amount.bytes, std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace goshawk::snapshot
