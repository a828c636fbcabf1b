// Locks, their holders and rings on pictures drawn by hand; for each thing that is told, a picture
// like it of which it must not be told.
#include "analyses/goroutines/locks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyses/goroutines/leaks.h"
#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

using findings::Finding;
using findings::RingStep;
using findings::Verdict;
using snapshot::LockKind;
using snapshot::WaitKind;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Every lock is at the start of its object; goroutines of one picture wait in main.f<goid>.
class LocksTest : public testing::Test {
 protected:
  static constexpr std::int32_t kLocked = (1 << 3) | 1;

  std::uint32_t lock(char object, LockKind kind = LockKind::kMutex, std::int32_t state = kLocked,
                     std::int32_t more = 0) {
    drawn_.picture().locks.push_back({.kind = kind,
                                      .known = true,
                                      .address = address(object),
                                      .object = static_cast<snapshot::ObjectId>(object - 'A'),
                                      .state = state,
                                      .more = more});
    return static_cast<std::uint32_t>(drawn_.picture().locks.size() - 1);
  }

  snapshot::Goroutine& waits(std::uint64_t goid, char on, std::uint32_t lock,
                             WaitKind kind = WaitKind::kMutexLock, const std::string& holds = "") {
    snapshot::Snapshot& picture = drawn_.picture();
    snapshot::Goroutine& goroutine = drawn_.waits(goid, std::string(1, on), holds, kind);
    picture.waits.back().operation = snapshot::WaitOperation::kSemaphore;
    picture.waits.back().lock = lock;
    return at(goroutine);
  }
  snapshot::Goroutine& receives(std::uint64_t goid, char on, const std::string& holds = "") {
    return at(drawn_.waits(goid, std::string(1, on), holds));
  }
  void between(std::uint64_t goid, char object, std::uint32_t mutexes, bool alone = false) {
    frame({.goid = goid, .mutexes = mutexes, .alone = alone}, object);
  }
  void frame(snapshot::LockFrame made, char object) {
    made.object = static_cast<snapshot::ObjectId>(object - 'A');
    drawn_.picture().lock_frames.push_back(made);
  }

  // The finding that this goroutine is in.
  Finding judged(std::uint64_t goid) {
    verdict_ = find_leaks(Judgement(drawn_.draw()));
    for (const Finding& finding : verdict_.findings)
      if (std::ranges::find(finding.goids, goid) != finding.goids.end()) return finding;
    ADD_FAILURE() << "goroutine " << goid << " is in no finding";
    return {};
  }
  static Address address(char object) { return Address(0x1000 + 16 * (object - 'A')); }

  DrawnPicture drawn_;
  Verdict verdict_;

 private:
  snapshot::Goroutine& at(snapshot::Goroutine& goroutine) {
    snapshot::Snapshot& picture = drawn_.picture();
    snapshot::Frame made;
    made.function = picture.strings.intern("main.f" + std::to_string(goroutine.goid));
    made.file = picture.strings.intern("/src/shop/locks.go");
    made.line = static_cast<std::uint32_t>(goroutine.goid);
    goroutine.stack = picture.stacks.intern(std::vector{picture.stacks.add_frame(made)});
    return goroutine;
  }
};

TEST_F(LocksTest, AMutexIsToldWithItsStateAndWaiters) {
  std::uint32_t one = lock('A', LockKind::kMutex, kLocked | 4);
  waits(5, 'A', one), waits(6, 'A', one);
  Finding finding = judged(5);
  ASSERT_EQ(finding.locks.size(), 1U);
  EXPECT_EQ(finding.locks[0].kind, "sync.Mutex");
  EXPECT_EQ(finding.locks[0].address, 0x1000U);
  EXPECT_EQ(finding.locks[0].waiters, 2U);
  EXPECT_EQ(finding.locks[0].locked, true);
  EXPECT_EQ(finding.locks[0].starving, true);
  EXPECT_THAT(finding.locks[0].holders, IsEmpty());
  EXPECT_THAT(finding.evidence,
              Contains("the sync.Mutex at 0x1000: locked and starving, 2 goroutines wait"));
  EXPECT_THAT(finding.ring, IsEmpty());
}

TEST_F(LocksTest, WordsThatContradictAreLeftOut) {
  std::uint32_t one = lock('A');
  drawn_.picture().locks[one].known = false;
  waits(5, 'A', one);
  Finding finding = judged(5);
  EXPECT_FALSE(finding.locks.at(0).locked.has_value());
  EXPECT_THAT(finding.evidence, Contains("the sync.Mutex at 0x1000: 1 goroutine waits"));
}

TEST_F(LocksTest, TheHolderIsWhoStandsBetweenLockAndUnlock) {
  waits(5, 'A', lock('A'));
  receives(12, 'B');
  between(12, 'A', 1);
  Finding finding = judged(5);
  EXPECT_THAT(finding.locks.at(0).holders, ElementsAre(12));
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("probably held by goroutine 12, which waits in "
                                                   "main.f12 (locks.go:12)")));
  EXPECT_THAT(finding.ring, IsEmpty());
}

TEST_F(LocksTest, AHolderThatRunsIsToldToo) {
  waits(5, 'A', lock('A'));
  drawn_.runs(12, "");
  between(12, 'A', 1);
  EXPECT_THAT(judged(5).locks.at(0).holders, ElementsAre(12));
}

TEST_F(LocksTest, FramesOfAnotherKindOfLockHoldNothing) {
  waits(5, 'A', lock('A'));
  receives(12, 'B');
  frame({.goid = 12, .writes = 1, .reads = 1}, 'A');
  EXPECT_THAT(judged(5).locks.at(0).holders, IsEmpty());
}

TEST_F(LocksTest, CondWaitHasGivenItsLockBack) {
  waits(5, 'A', lock('A'));
  receives(12, 'B').wait_kind = WaitKind::kCondWait;
  between(12, 'A', 1);
  EXPECT_THAT(judged(5).locks.at(0).holders, IsEmpty());
}

// Its function has taken one lock and leads to two that are waited for.
TEST_F(LocksTest, WhoMayHoldEitherOfTwoHoldsNeither) {
  waits(5, 'A', lock('A'));
  waits(6, 'B', lock('B'));
  receives(12, 'C');
  between(12, 'A', 1), between(12, 'B', 1);
  EXPECT_THAT(judged(5).locks.at(0).holders, IsEmpty());
  drawn_.picture().lock_frames[0].mutexes = drawn_.picture().lock_frames[1].mutexes = 2;
  EXPECT_THAT(judged(5).locks.at(0).holders, ElementsAre(12));
}

TEST_F(LocksTest, ManyAreNobody) {
  waits(5, 'A', lock('A'));
  for (std::uint64_t goid : {10, 11, 12, 13}) receives(goid, 'B'), between(goid, 'A', 1);
  EXPECT_THAT(judged(5).locks.at(0).holders, IsEmpty());
}

TEST_F(LocksTest, TwoLocksInTwoOrdersAreARing) {
  std::uint32_t a = lock('A'), b = lock('B');
  waits(7, 'B', b), between(7, 'A', 1), between(7, 'B', 1);
  waits(8, 'A', a), between(8, 'A', 1), between(8, 'B', 1);
  Finding finding = judged(7);
  EXPECT_THAT(finding.ring, ElementsAre(RingStep{7, 0x1010}, RingStep{8, 0x1000}));
  EXPECT_THAT(finding.evidence,
              Contains("goroutine 7 waits for the lock that goroutine 8 probably holds, which "
                       "waits for the lock that goroutine 7 probably holds"));
  EXPECT_THAT(finding.evidence, Each(Not(HasSubstr("probably held by"))));
  EXPECT_THAT(finding.advice, HasSubstr("in one order everywhere"));
  EXPECT_EQ(judged(8).ring, finding.ring);
}

// `go transfer(a, b)` and `go transfer(b, a)`: one finding, as long as they are in one ring.
TEST_F(LocksTest, ARingOverTwoGoStatementsOfOneFunctionIsOneFinding) {
  for (bool is_ring : {true, false}) {
    drawn_ = DrawnPicture();
    std::uint32_t a = lock('A'), b = lock('B');
    waits(7, 'B', b), between(7, 'A', 1), between(7, 'B', 1);
    waits(8, 'A', a);
    if (is_ring) between(8, 'A', 1), between(8, 'B', 1);
    snapshot::Snapshot& picture = drawn_.picture();
    for (snapshot::Goroutine& goroutine : picture.goroutines) {
      goroutine.stack = picture.goroutines[0].stack;
      snapshot::Frame made;
      made.function = picture.strings.intern("main.main");
      made.line = static_cast<std::uint32_t>(goroutine.goid);
      goroutine.created_by = picture.stacks.add_frame(made);
    }
    Finding finding = judged(8);
    EXPECT_EQ(finding.goids.size(), is_ring ? 2U : 1U);
    EXPECT_EQ(finding.ring.size(), is_ring ? 2U : 0U);
  }
}

// 8 waits for what 7 holds, but 7 waits for somebody who has gone.
TEST_F(LocksTest, AChainIsNoRing) {
  std::uint32_t a = lock('A'), b = lock('B');
  waits(7, 'B', b), between(7, 'A', 1), between(7, 'B', 1);
  waits(8, 'A', a);
  EXPECT_THAT(judged(8).ring, IsEmpty());
  EXPECT_THAT(judged(8).locks.at(0).holders, ElementsAre(7));
  EXPECT_THAT(judged(7).locks.at(0).holders, IsEmpty());
}

// Who waits for a ring is not in it.
TEST_F(LocksTest, WhoWaitsBeforeARingIsNotInIt) {
  std::uint32_t a = lock('A'), b = lock('B');
  waits(7, 'B', b), between(7, 'A', 1);
  waits(8, 'A', a), between(8, 'B', 1);
  waits(9, 'A', a);
  EXPECT_THAT(judged(9).ring, IsEmpty());
  EXPECT_THAT(judged(9).locks.at(0).holders, ElementsAre(7));
  EXPECT_EQ(judged(7).ring.size(), 2U);
}

TEST_F(LocksTest, ALockTakenTwiceIsARingOfOne) {
  waits(7, 'A', lock('A')), between(7, 'A', 1, true);
  Finding finding = judged(7);
  EXPECT_THAT(finding.ring, ElementsAre(RingStep{7, 0x1000}));
  EXPECT_THAT(finding.evidence,
              Contains("goroutine 7 waits for a lock that it probably holds itself"));
  EXPECT_THAT(finding.advice, HasSubstr("do not lock again"));
}

TEST_F(LocksTest, WhoMayHaveLockedSomethingElseIsNotToldToHaveLockedTwice) {
  waits(7, 'A', lock('A')), between(7, 'A', 1, false);
  EXPECT_THAT(judged(7).ring, IsEmpty());
}

// Each would say it of itself, and only one can have it.
TEST_F(LocksTest, TwoThatWaitInTheSameWayAreNoRingsOfOne) {
  std::uint32_t a = lock('A');
  waits(7, 'A', a), between(7, 'A', 1, true);
  waits(8, 'A', a), between(8, 'A', 1, true);
  EXPECT_THAT(judged(7).ring, IsEmpty());
}

TEST_F(LocksTest, AReadLockThatIsUpgradedIsARingOfOne) {
  std::uint32_t a = lock('A', LockKind::kRWMutex, -(1 << 30) + 1, 1);
  waits(7, 'A', a, WaitKind::kRWMutexLock), frame({.goid = 7, .reads = 1, .alone = true}, 'A');
  Finding finding = judged(7);
  EXPECT_EQ(finding.locks.at(0).writer_holds, false);
  EXPECT_EQ(finding.locks.at(0).readers, 1U);
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("a writer waits for 1 reader to leave")));
  EXPECT_THAT(finding.evidence, Contains("goroutine 7 waits for a lock that it probably holds "
                                         "itself, as a reader"));
  EXPECT_EQ(finding.ring.size(), 1U);
  EXPECT_THAT(finding.advice, HasSubstr("call RUnlock before Lock"));
}

TEST_F(LocksTest, AReaderBehindAWriterBehindThatReaderIsARing) {
  std::uint32_t a = lock('A', LockKind::kRWMutex, -(1 << 30) + 2, 1);
  waits(7, 'A', a, WaitKind::kRWMutexRLock), frame({.goid = 7, .reads = 1, .alone = true}, 'A');
  waits(8, 'A', a, WaitKind::kRWMutexLock);
  Finding finding = judged(7);
  EXPECT_THAT(finding.ring, ElementsAre(RingStep{7, 0x1000}, RingStep{8, 0x1000}));
  EXPECT_THAT(finding.evidence,
              Contains("goroutine 7 waits for the lock that goroutine 8 waits for first, as a "
                       "writer, which waits for the lock that goroutine 7 probably holds"));
}

TEST_F(LocksTest, ReadersBehindAWriterAreKeptByIt) {
  std::uint32_t a = lock('A', LockKind::kRWMutex, -(1 << 30) + 2, 1);
  waits(7, 'A', a, WaitKind::kRWMutexRLock);
  waits(8, 'A', a, WaitKind::kRWMutexLock);
  Finding finding = judged(7);
  EXPECT_THAT(finding.locks.at(0).holders, ElementsAre(8));
  EXPECT_THAT(finding.evidence,
              Contains(HasSubstr("; kept by goroutine 8, which waits in main.f8")));
  EXPECT_THAT(finding.ring, IsEmpty());
}

TEST_F(LocksTest, AWriterThatHoldsAnRWMutexIsFoundByItsFrames) {
  std::uint32_t a = lock('A', LockKind::kRWMutex, -(1 << 30) + 1);
  waits(7, 'A', a, WaitKind::kRWMutexRLock);
  receives(12, 'B'), frame({.goid = 12, .writes = 1}, 'A');
  Finding finding = judged(7);
  EXPECT_EQ(finding.locks.at(0).writer_holds, true);
  EXPECT_FALSE(finding.locks.at(0).readers.has_value());
  EXPECT_THAT(finding.locks.at(0).holders, ElementsAre(12));
}

TEST_F(LocksTest, LeakedGoroutinesThatReferToAWaitGroupAreTold) {
  std::uint32_t a = lock('A', LockKind::kWaitGroup, 3, 1);
  waits(5, 'A', a, WaitKind::kWaitGroupWait, "A");
  receives(10, 'B', "AB"), receives(11, 'C', "A"), receives(12, 'D', "D");
  drawn_.runs(13, "");
  Finding finding = judged(5);
  EXPECT_EQ(finding.locks.at(0).counter, 3U);
  EXPECT_THAT(finding.locks.at(0).referrers, ElementsAre(10, 11));
  EXPECT_THAT(finding.evidence,
              Contains(AllOf(HasSubstr("counter 3, 1 goroutine waits; 2 leaked goroutines refer "
                                       "to it: 1 in main.f10 (locks.go:10), 1 in main.f11"))));
}

TEST_F(LocksTest, WhichOfTwoWaitGroupsInAnObjectIsReferredToIsNotTold) {
  std::uint32_t a = lock('A', LockKind::kWaitGroup, 3, 1);
  lock('A', LockKind::kWaitGroup, 1, 1);
  waits(5, 'A', a, WaitKind::kWaitGroupWait);
  receives(10, 'B', "A");
  EXPECT_THAT(judged(5).locks.at(0).referrers, IsEmpty());
}

// Any number may be in a file: it is judged in the time that reading it takes.
TEST_F(LocksTest, ManyLocksInOneObjectNameNobody) {
  std::uint32_t first = lock('A');
  for (int i = 0; i < 50'000; ++i) lock('A'), between(12, 'A', 60'000);
  waits(5, 'A', first);
  receives(12, 'B');
  EXPECT_THAT(judged(5).locks.at(0).holders, IsEmpty());
}

TEST_F(LocksTest, WhatWaitsForNoLockHasNone) {
  receives(5, 'A'), between(5, 'A', 1);
  Finding finding = judged(5);
  EXPECT_THAT(finding.locks, IsEmpty());
  EXPECT_EQ(finding.evidence.size(), 2U);
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
