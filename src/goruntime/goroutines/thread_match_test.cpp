#include "goruntime/goroutines/thread_match.h"

#include <gtest/gtest.h>

namespace goshawk::goruntime {
namespace {

class ThreadMatchTest : public ::testing::Test {
 protected:
  // An m with a g0 stack of its own, which runs a goroutine.
  M& runs(std::uint64_t number, snapshot::Status status = snapshot::Status::kRunning) {
    Address base(0x100000 * number);
    scheduler_.gs.emplace_back();
    G& g = scheduler_.gs.back();
    g.address = base;
    g.stack = {base + 0x1000, base + 0x2000};
    g.m = base + 0x10;
    g.status = status;
    scheduler_.ms.push_back({.address = base + 0x10,
                             .procid = static_cast<std::int64_t>(number),
                             .curg = base,
                             .p = base + 0x20,
                             .g0_stack = {base + 0x4000, base + 0x8000},
                             .gsignal_stack = {},
                             .g0_sched_sp = {}});
    return scheduler_.ms.back();
  }
  void thread(std::int64_t tid, Address sp) {
    threads_.emplace_back();
    threads_.back().tid = tid;
    threads_.back().sp = sp;
  }
  bool is_missing() const { return match_threads(threads_, scheduler_).thread_is_missing; }

  Scheduler scheduler_;
  std::vector<target::Thread> threads_;
};

TEST_F(ThreadMatchTest, EveryRunningOneHasItsThread) {
  runs(1);
  runs(2);
  thread(1, Address(0x101800));
  thread(2, Address(0x207000));
  EXPECT_FALSE(is_missing());
}

TEST_F(ThreadMatchTest, AThreadThatIsNotThereIsMissing) {
  runs(1);
  runs(2);
  thread(1, Address(0x101800));
  EXPECT_TRUE(is_missing());
}

TEST_F(ThreadMatchTest, OneOnAStackThatNobodyKnowsMayBeIt) {
  runs(1);
  runs(2);
  thread(1, Address(0x101800));
  thread(2, Address(0x7f0000000000));
  EXPECT_FALSE(is_missing());
}

TEST_F(ThreadMatchTest, WhoseGoroutineIsInASystemCallHoldsNothing) {
  runs(1);
  runs(2, snapshot::Status::kSyscall);
  thread(1, Address(0x101800));
  EXPECT_FALSE(is_missing());
}

// An extra m of a program with C: its curg is a dead g, which no list has.
TEST_F(ThreadMatchTest, WhichWaitsForACallbackNeedsNone) {
  runs(1);
  runs(2).curg = Address(0x999000);
  thread(1, Address(0x101800));
  EXPECT_FALSE(is_missing());
}

TEST_F(ThreadMatchTest, WithAProcessorAndNobodyToRunNeedsOne) {
  runs(1);
  runs(2).curg = Address();
  thread(1, Address(0x101800));
  EXPECT_TRUE(is_missing());
}

}  // namespace
}  // namespace goshawk::goruntime
