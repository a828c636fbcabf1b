// Locks drawn word by word, with what contradicts that somebody waits for them.
#include "goruntime/goroutines/lock_words.h"

#include <gtest/gtest.h>

#include "goruntime/testing/synthetic_memory.h"

namespace goshawk::goruntime {
namespace {

using snapshot::kNone;
using snapshot::Lock;
using snapshot::LockKind;
using snapshot::WaitKind;

constexpr Address kLock{0x600000};
constexpr std::int32_t kAWriter = -(1 << 30);

class LockWordsTest : public testing::Test {
 protected:
  LockWordsTest() {
    memory_.map(kLock, 0x1000);
    notify_list_ = {
        .size_bytes = 32, .wait = 0, .notify = 4, .head = 16, .tail = 24, .in_cond = 16};
  }
  void set(std::uint64_t offset, std::int32_t word) { memory_.write(kLock + offset, word); }

  Lock read(std::uint64_t wait_offset, WaitKind kind, const char* function = "main.wait") {
    snapshot::FrameId frame =
        picture_.stacks.add_frame({.function = picture_.strings.intern(function), .pc = {}});
    snapshot::StackId stack = picture_.stacks.intern(std::vector{frame});
    PageCache cache(memory_);
    LockWords words(cache, notify_list_, picture_);
    std::uint32_t number = words.number({.address = kLock + wait_offset, .object = 7}, kind, stack);
    EXPECT_NE(number, kNone);
    EXPECT_EQ(words.number({.address = kLock + wait_offset, .object = 7}, kind, stack), number);
    Lock lock = picture_.locks.at(number);
    EXPECT_EQ(lock.address, kLock);
    EXPECT_EQ(lock.object, 7U);
    return lock;
  }

  SyntheticMemory memory_;
  facts::NotifyListFact notify_list_;
  snapshot::Snapshot picture_;
};

TEST_F(LockWordsTest, AMutexIsLockedAndHasWaiters) {
  set(0, (3 << 3) | 1);
  Lock lock = read(4, WaitKind::kMutexLock);
  EXPECT_EQ(lock.kind, LockKind::kMutex);
  EXPECT_TRUE(lock.known);
  EXPECT_EQ(lock.state, 25);
  for (std::int32_t contradiction : {3 << 3, 1, 0, -1}) {
    set(0, contradiction);
    lock = read(4, WaitKind::kMutexLock);
    EXPECT_FALSE(lock.known);
    EXPECT_EQ(lock.state, 0);
  }
}

TEST_F(LockWordsTest, AWriterBehindAnotherWaitsForTheRWMutex) {
  set(16, kAWriter + 2);
  set(20, 1);
  for (auto [offset, kind, function] : {std::tuple(4, WaitKind::kMutexLock, "sync.(*RWMutex).Lock"),
                                        std::tuple(8, WaitKind::kRWMutexLock, "main.write"),
                                        std::tuple(12, WaitKind::kRWMutexRLock, "main.read")}) {
    Lock lock = read(static_cast<std::uint64_t>(offset), kind, function);
    EXPECT_EQ(lock.kind, LockKind::kRWMutex);
    EXPECT_TRUE(lock.known);
    EXPECT_EQ(lock.state, kAWriter + 2);
    EXPECT_EQ(lock.more, 1);
  }
}

TEST_F(LockWordsTest, AnRWMutexWithoutAWriterKeepsNobodyOut) {
  for (auto [count, leaving] : {std::pair(2, 1), std::pair(0, 0), std::pair(kAWriter - 1, 0),
                                std::pair(kAWriter + 1, 2), std::pair(kAWriter + 1, -1)}) {
    set(16, count);
    set(20, leaving);
    EXPECT_FALSE(read(12, WaitKind::kRWMutexRLock).known) << count << " " << leaving;
  }
}

TEST_F(LockWordsTest, AWaitGroupCounts) {
  set(4, 3);
  set(0, static_cast<std::int32_t>(0x80000002));  // of a bubble
  Lock lock = read(8, WaitKind::kWaitGroupWait);
  EXPECT_TRUE(lock.known);
  EXPECT_EQ(lock.state, 3);
  EXPECT_EQ(lock.more, 2);
  set(4, 0);
  EXPECT_FALSE(read(8, WaitKind::kWaitGroupWait).known);
  set(4, 3);
  set(0, 0);
  EXPECT_FALSE(read(8, WaitKind::kWaitGroupWait).known);
}

TEST_F(LockWordsTest, ACondHasTickets) {
  set(16, 7);
  set(20, 5);
  Lock lock = read(16, WaitKind::kCondWait);
  EXPECT_EQ(lock.kind, LockKind::kCond);
  EXPECT_TRUE(lock.known);
  EXPECT_EQ(lock.more, 2);
  set(20, 7);
  EXPECT_FALSE(read(16, WaitKind::kCondWait).known);
}

TEST_F(LockWordsTest, WhatCannotBeReadOrIsNoLockIsNotTold) {
  PageCache cache(memory_);
  LockWords words(cache, notify_list_, picture_);
  std::uint32_t number =
      words.number({.address = Address(0x900004)}, WaitKind::kMutexLock, snapshot::kNone);
  EXPECT_FALSE(picture_.locks.at(number).known);
  EXPECT_EQ(words.number({.address = kLock}, WaitKind::kSemacquire, snapshot::kNone), kNone);
  EXPECT_EQ(words.number({.address = {}}, WaitKind::kMutexLock, snapshot::kNone), kNone);
}

}  // namespace
}  // namespace goshawk::goruntime
