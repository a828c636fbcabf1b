// Wait queues drawn in memory with the layout of go1.22 on amd64: what is linked, what is not, and
// what only looks like a queue.
#include "goruntime/goroutines/wait_queues.h"

#include <gtest/gtest.h>

#include "goruntime/testing/synthetic_memory.h"

namespace goshawk::goruntime {
namespace {

using snapshot::WaitKind;
using snapshot::WaitOperation;

constexpr Address kSemtable{0x100000}, kG{0x200000}, kOtherG{0x200200}, kSudog{0x300000},
    kOtherSudog{0x300100};
constexpr Address kChannel{0x400000}, kCond{0x500000}, kSemaphore{0x600004};

class WaitQueuesTest : public testing::Test {
 protected:
  WaitQueuesTest() {
    GoVersion version = *parse_go_version("go1.22.12");
    auto layout = table_layout(version, "amd64");
    facts_ = *WaitFacts::bind(**layout, version, "amd64");
    globals_.semtable = GlobalVariable{kSemtable, BoundBy::kShape};
    for (Address from : {kSemtable, kG, kSudog, kChannel, kCond, Address(0x600000)})
      memory_.map(from, 0x8000);
    g_.address = kG;
    g_.stack = {Address(0x700000), Address(0x702000)};
    g_.status = snapshot::Status::kWaiting;
  }

  void set(Address at, std::uint64_t word) { memory_.write(at, word); }
  void set(Address at, Address to) { set(at, to.value()); }
  void set32(Address at, std::uint32_t word) { memory_.write(at, word); }
  WaitQueues queues() {
    cache_ = std::make_unique<PageCache>(memory_);
    return WaitQueues(*cache_, facts_, globals_, 10);
  }
  // The goroutine's only sudog, on the channel.
  void wait_on_channel() {
    g_.waiting = kSudog;
    set(kSudog + facts_.sudog.g, kG);
    set(kSudog + facts_.sudog.c, kChannel);
  }
  void wait_on_cond() {
    set32(kCond + 16 + facts_.notify_list.wait, 7);
    set32(kCond + 16 + facts_.notify_list.notify, 6);
    set(kCond + 16 + facts_.notify_list.head, kSudog);
    set(kCond + 16 + facts_.notify_list.tail, kSudog);
    set(kSudog + facts_.sudog.g, kG);
    set32(kSudog + facts_.sudog.ticket, 6);
  }

  SyntheticMemory memory_;
  WaitFacts facts_;
  Globals globals_;
  G g_;
  std::unique_ptr<PageCache> cache_;
};

TEST_F(WaitQueuesTest, ASudogInTheSendQueueIsASend) {
  wait_on_channel();
  set(kChannel + facts_.hchan.sendq_first, kOtherSudog);
  set(kOtherSudog + facts_.sudog.c, kChannel);
  set(kOtherSudog + facts_.sudog.next, kSudog);
  set(kChannel + facts_.hchan.dataqsiz, 4);
  FoundWaits found = queues().find_channel_waits(g_);
  ASSERT_TRUE(found.complete);
  ASSERT_EQ(found.waits.size(), 1u);
  EXPECT_TRUE(found.waits[0].wait.linked);
  EXPECT_EQ(found.waits[0].wait.operation, WaitOperation::kSend);
  EXPECT_EQ(found.waits[0].wait.address, kChannel);
  EXPECT_EQ(found.waits[0].wait.capacity, 4u);
}

TEST_F(WaitQueuesTest, ASudogThatNoQueueHasIsNotLinked) {
  wait_on_channel();
  FoundWaits found = queues().find_channel_waits(g_);
  ASSERT_EQ(found.waits.size(), 1u);
  EXPECT_FALSE(found.waits[0].wait.linked);
}

TEST_F(WaitQueuesTest, AnotherGoroutinesSudogIsNotBelieved) {
  wait_on_channel();
  set(kSudog + facts_.sudog.g, kOtherG);
  EXPECT_FALSE(queues().find_channel_waits(g_).complete);
}

TEST_F(WaitQueuesTest, AWaitListThatGoesInCirclesEnds) {
  wait_on_channel();
  set(kSudog + facts_.sudog.waitlink, kSudog);
  FoundWaits found = queues().find_channel_waits(g_);
  EXPECT_FALSE(found.complete);
  EXPECT_LE(found.waits.size(), 3u);
}

TEST_F(WaitQueuesTest, ASelectHasAWaitForEachCase) {
  wait_on_channel();
  set(kSudog + facts_.sudog.waitlink, kOtherSudog);
  set(kOtherSudog + facts_.sudog.g, kG);
  set(kOtherSudog + facts_.sudog.c, kChannel + 0x100);
  set(kChannel + facts_.hchan.recvq_first, kSudog);
  FoundWaits found = queues().find_channel_waits(g_);
  ASSERT_TRUE(found.complete);
  ASSERT_EQ(found.waits.size(), 2u);
  EXPECT_TRUE(found.waits[0].wait.linked);
  EXPECT_FALSE(found.waits[1].wait.linked);
}

TEST_F(WaitQueuesTest, SemaphoreWaitersAreFoundInTheTree) {
  Address root = kSemtable + 5 * facts_.semtable.stride_bytes;
  set(root + facts_.semtable.treap, kOtherSudog);
  set(kOtherSudog + facts_.sudog.g, kOtherG);
  set(kOtherSudog + facts_.sudog.elem, kSemaphore);
  set(kOtherSudog + facts_.sudog.waitlink, kSudog);
  set(kSudog + facts_.sudog.g, kG);
  set(kSudog + facts_.sudog.elem, kSemaphore);
  FoundWaits found = queues().find_semaphore_wait(g_);
  ASSERT_TRUE(found.complete);
  ASSERT_EQ(found.waits.size(), 1u);
  EXPECT_TRUE(found.waits[0].wait.linked);
  EXPECT_EQ(found.waits[0].wait.address, kSemaphore);
}

TEST_F(WaitQueuesTest, ACircleOfWaitersHidesNoOthers) {
  Address root = kSemtable + 5 * facts_.semtable.stride_bytes;
  set(root + facts_.semtable.treap, kOtherSudog);
  set(kOtherSudog + facts_.sudog.waitlink, kOtherSudog);
  set(kOtherSudog + facts_.sudog.next, kSudog);
  set(kSudog + facts_.sudog.g, kG);
  set(kSudog + facts_.sudog.elem, kSemaphore);
  EXPECT_TRUE(queues().find_semaphore_wait(g_).waits[0].wait.linked);
}

TEST_F(WaitQueuesTest, ATreeOfNonsenseEnds) {
  set(kSemtable + facts_.semtable.treap, kSudog);
  set(kSudog + facts_.sudog.prev, kSudog);
  set(kSudog + facts_.sudog.next, kSudog);
  set(kSudog + facts_.sudog.waitlink, kSudog);
  EXPECT_FALSE(queues().find_semaphore_wait(g_).waits[0].wait.linked);
}

TEST_F(WaitQueuesTest, WithoutTheTableNobodyKnows) {
  globals_.semtable.reset();
  EXPECT_FALSE(queues().find_semaphore_wait(g_).complete);
}

TEST_F(WaitQueuesTest, ACondIsFoundThroughAWordOfAFrame) {
  wait_on_cond();
  std::uint64_t words[] = {1, 0, kCond.value(), 0x123456789};
  FoundWaits found = queues().find_cond_wait(g_, words);
  ASSERT_TRUE(found.complete);
  EXPECT_EQ(found.waits[0].wait.address, kCond + 16);
  EXPECT_TRUE(found.waits[0].wait.linked);
}

TEST_F(WaitQueuesTest, WhatOnlyLooksLikeANotifyListIsNotOne) {
  wait_on_cond();
  std::uint64_t words[] = {kCond.value()};
  set(kCond + 16 + facts_.notify_list.tail, kOtherSudog);  // the chain ends elsewhere
  EXPECT_FALSE(queues().find_cond_wait(g_, words).complete);
  set(kCond + 16 + facts_.notify_list.tail, kSudog);
  set32(kCond + 16 + facts_.notify_list.notify, 7);  // nobody is due to wait
  EXPECT_FALSE(queues().find_cond_wait(g_, words).complete);
  set32(kCond + 16 + facts_.notify_list.notify, 6);
  set(kSudog + facts_.sudog.next, kSudog);  // a circle
  EXPECT_FALSE(queues().find_cond_wait(g_, words).complete);
}

TEST_F(WaitQueuesTest, AListOnItsOwnStackIsNotTaken) {
  wait_on_cond();
  g_.stack = {kCond, kCond + 0x1000};
  std::uint64_t words[] = {kCond.value()};
  EXPECT_FALSE(queues().find_cond_wait(g_, words).complete);
}

}  // namespace
}  // namespace goshawk::goruntime
