#include "analyses/heap/dead_goroutines.h"

#include <gtest/gtest.h>

namespace goshawk::analyses::heap {
namespace {

snapshot::Snapshot picture_of(std::uint64_t alive, std::uint64_t dead) {
  snapshot::Snapshot picture;
  for (std::uint64_t i = 0; i < alive; ++i)
    picture.goroutines.push_back({.goid = i + 1, .descriptor = {}, .descriptor_bytes = 416});
  picture.dead_descriptors = dead;
  return picture;
}

TEST(DeadGoroutines, AreToldAfterASpike) {
  auto found = find_dead_goroutines(picture_of(10, 10'000));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->finding.rule, "heap/dead-goroutines");
  EXPECT_EQ(found->finding.count, 10'000u);
  EXPECT_EQ(found->finding.cost.retained_bytes, 4'160'000u);
}

TEST(DeadGoroutines, AreFineWhereThereAreNearlyAsManyAlive) {
  EXPECT_TRUE(find_dead_goroutines(picture_of(3000, 12'000)));
  EXPECT_FALSE(find_dead_goroutines(picture_of(3001, 12'000)));
  EXPECT_FALSE(find_dead_goroutines(picture_of(10, 9'999)));
}

}  // namespace
}  // namespace goshawk::analyses::heap
