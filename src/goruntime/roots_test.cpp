#include "goruntime/roots.h"

#include <gtest/gtest.h>

#include "goruntime/heap/heap_test_image.h"
#include "goruntime/testing/synthetic_scheduler.h"

namespace goshawk::goruntime {
namespace {

class RootReaderTest : public ::testing::Test {
 protected:
  RootReaderTest() {
    heap_image_.add({.elemsize = 64, .sizeclass = 6, .freeindex = 100});
    heap_.emplace(*heap_image_.read());
  }
  void read_timers() {
    PageCache cache(process.memory);
    RootReader reader(process.memory, cache, *heap_, picture);
    const Address ps[] = {SyntheticScheduler::p_at(0)};
    reader.read_timers(process.timer, ps, {});
  }

  SyntheticScheduler process{"go1.27.4"};
  snapshot::Snapshot picture;

 private:
  goruntime::testing::SyntheticHeap heap_image_{goruntime::testing::Era::kGreenTea};
  std::optional<Heap> heap_;
};

TEST_F(RootReaderTest, APendingTimersFunctionIsARoot) {
  read_timers();
  ASSERT_EQ(picture.roots.size(), 1U);
  EXPECT_EQ(picture.roots[0].kind, snapshot::RootKind::kTimer);
  EXPECT_TRUE(picture.doubts.empty());
}

TEST_F(RootReaderTest, AHeapOfTimersEndsWhereMemoryEnds) {
  process.memory.write(SyntheticScheduler::p_at(0) + process.timer.heap_in_p + 8,
                       std::uint64_t{100'000'000});
  read_timers();
  EXPECT_EQ(picture.roots.size(), 1U);
  ASSERT_EQ(picture.doubts.size(), 1U);
  EXPECT_TRUE(picture.doubts[0].spoils_proof);
}

}  // namespace
}  // namespace goshawk::goruntime
