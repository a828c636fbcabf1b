#include "goruntime/goroutines/scheduler.h"

#include <gtest/gtest.h>

#include "goruntime/testing/synthetic_scheduler.h"

namespace goshawk::goruntime {
namespace {

class SchedulerTest : public ::testing::Test {
 protected:
  std::size_t count_ms() {
    PageCache cache(process.memory);
    return read_ms(cache, process.m, process.known.g, process.globals, complete).size();
  }

  SyntheticScheduler process{"go1.27.4"};
  bool complete = false;
};

TEST_F(SchedulerTest, AllThreeAreRead) {
  std::uint64_t dead = 0;
  auto gs = read_gs(process.memory, process.known.g, process.globals, dead);
  ASSERT_TRUE(gs);
  EXPECT_EQ(gs->size(), SyntheticScheduler::kCount);
  EXPECT_EQ(count_ms(), 2U);
  EXPECT_TRUE(complete);
  PageCache cache(process.memory);
  EXPECT_EQ(read_ps(cache, process.m, process.globals, complete).size(), 2U);
  EXPECT_TRUE(complete);
}

TEST_F(SchedulerTest, ALengthThatLiesIsAnError) {
  for (std::uint64_t at : {8, 16})
    process.memory.write(SyntheticScheduler::globals_at() + at, std::uint64_t{50'000'000});
  std::uint64_t dead = 0;
  EXPECT_FALSE(read_gs(process.memory, process.known.g, process.globals, dead));
}

TEST_F(SchedulerTest, ThreadsInACircleEnd) {
  process.memory.write_pointer(SyntheticScheduler::m_at(0) + process.m.alllink,
                               SyntheticScheduler::m_at(1));
  EXPECT_LE(count_ms(), 1U);
  EXPECT_FALSE(complete);
}

}  // namespace
}  // namespace goshawk::goruntime
