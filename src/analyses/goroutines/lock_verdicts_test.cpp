// Locks in a global and who has them, on pictures drawn by hand; beside each that is told, one like
// it of which nothing may be told.
#include "analyses/goroutines/lock_verdicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyses/goroutines/leaks.h"
#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

using findings::Confidence;
using findings::Finding;
using findings::LockHolding;
using snapshot::HeldLock;
using snapshot::LockHold;
using snapshot::LockKind;
using snapshot::WaitKind;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int32_t kLocked = (1 << 3) | 1, kReaders = 1 << 30;

class LockVerdictsTest : public testing::Test {
 protected:
  std::uint32_t lock(std::uint64_t at, LockKind kind = LockKind::kMutex,
                     std::int32_t state = kLocked, std::int32_t more = 0) {
    drawn_.picture().locks.push_back(
        {.kind = kind, .known = true, .address = Address(at), .state = state, .more = more});
    return static_cast<std::uint32_t>(drawn_.picture().locks.size() - 1);
  }
  snapshot::Goroutine& waits(std::uint64_t goid, std::uint32_t lock,
                             WaitKind kind = WaitKind::kMutexLock) {
    snapshot::Snapshot& picture = drawn_.picture();
    snapshot::Goroutine& goroutine = drawn_.waits(goid, "Z", "", kind);
    picture.waits.back() = {.address = picture.locks[lock].address + 4,
                            .place = snapshot::Place::kImage,
                            .operation = snapshot::WaitOperation::kSemaphore,
                            .linked = true,
                            .lock = lock};
    return goroutine;
  }
  // Proven: nobody has the other end of its channel.
  void leaks(std::uint64_t goid) { drawn_.waits(goid, "A", ""); }
  void holds(std::uint64_t goid, std::uint64_t lock, LockHold hold = LockHold::kMutex,
             bool certain = true, bool unlocks_ahead = true) {
    drawn_.picture().held_locks.push_back({.goid = goid,
                                           .lock = Address(lock),
                                           .hold = hold,
                                           .certain = certain,
                                           .unlocks_ahead = unlocks_ahead});
  }
  HeldLock& last_held() { return drawn_.picture().held_locks.back(); }

  std::vector<std::uint64_t> likely() {
    std::vector<std::uint64_t> goids;
    verdict_ = find_leaks(Judgement(drawn_.draw()));
    for (const Finding& finding : verdict_.findings)
      if (finding.confidence == Confidence::kLikely)
        goids.insert(goids.end(), finding.goids.begin(), finding.goids.end());
    std::ranges::sort(goids);
    EXPECT_EQ(verdict_.checked.likely, goids.size());
    return goids;
  }
  Finding finding_of(std::uint64_t goid) {
    for (const Finding& finding : verdict_.findings)
      if (std::ranges::find(finding.goids, goid) != finding.goids.end()) return finding;
    ADD_FAILURE() << "goroutine " << goid << " is in no finding";
    return {};
  }

  DrawnPicture drawn_;
  findings::Verdict verdict_;
};

TEST_F(LockVerdictsTest, WhoWaitsForALeakedHolderIsLikelyLeaked) {
  std::uint32_t one = lock(0x5000);
  waits(5, one), waits(6, one);
  leaks(7), holds(7, 0x5000);
  EXPECT_THAT(likely(), ElementsAre(5, 6));
  Finding finding = finding_of(5);
  EXPECT_THAT(finding.locks.at(0).holders, ElementsAre(7));
  EXPECT_THAT(finding.locks.at(0).chain, ElementsAre(Field(&LockHolding::goid, 7)));
  EXPECT_EQ(finding.locks.at(0).chain[0].fate, "proven leaked");
  EXPECT_THAT(finding.evidence, Contains(HasSubstr("goroutine 7, which is proven leaked,")));
}

TEST_F(LockVerdictsTest, NotForOneThatLives) {
  waits(5, lock(0x5000));
  drawn_.runs(7, ""), holds(7, 0x5000);
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, NotForOneThatNobodySaysHoldsIt) {
  waits(5, lock(0x5000));
  leaks(7), holds(7, 0x5008);
  EXPECT_THAT(likely(), IsEmpty());
}

// It was locked on one of two ways; or nothing ahead unlocks it: another one is to.
TEST_F(LockVerdictsTest, NotWhereTheCodeLeavesADoubt) {
  waits(5, lock(0x5000));
  leaks(7), holds(7, 0x5000, LockHold::kMutex, false);
  EXPECT_THAT(likely(), IsEmpty());
  last_held().certain = true, last_held().unlocks_ahead = false;
  EXPECT_THAT(likely(), IsEmpty());
  last_held().unlocks_ahead = true;
  EXPECT_THAT(likely(), ElementsAre(5));
  last_held().hold = LockHold::kRead;
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, NotWhereTwoHaveIt) {
  waits(5, lock(0x5000));
  leaks(7), holds(7, 0x5000);
  leaks(8), holds(8, 0x5000);
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, NotWhereOneThatLivesMayHaveIt) {
  waits(5, lock(0x5000));
  leaks(7), holds(7, 0x5000);
  drawn_.runs(8, ""), holds(8, 0x5000, LockHold::kMutex, false);
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, ButOneThatIsLeakedMayHaveItToo) {
  waits(5, lock(0x5000));
  leaks(7), holds(7, 0x5000);
  leaks(8), holds(8, 0x5000, LockHold::kMutex, false);
  EXPECT_THAT(likely(), ElementsAre(5));
}

TEST_F(LockVerdictsTest, NotWhereTheWordsContradict) {
  std::uint32_t one = lock(0x5000);
  waits(5, one);
  leaks(7), holds(7, 0x5000);
  drawn_.picture().locks[one].known = false;
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, NotWhoIsJustBeingWokenOrInDoubt) {
  std::uint32_t one = lock(0x5000);
  waits(4, one);
  drawn_.picture().waits.back().linked = false;
  waits(5, one).parked = false;
  waits(6, one).in_cgo_callback = true;
  leaks(7), holds(7, 0x5000);
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, WhoWaitsForAConditionHasGivenItBack) {
  waits(5, lock(0x5000));
  drawn_.waits(7, "A", "", WaitKind::kCondWait), holds(7, 0x5000);
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, AChainEndsAtTheOneThatIsLeaked) {
  waits(5, lock(0x5000));
  waits(6, lock(0x5008)), holds(6, 0x5000);
  leaks(7), holds(7, 0x5008);
  EXPECT_THAT(likely(), ElementsAre(5, 6));
  EXPECT_THAT(finding_of(5).evidence,
              Contains(HasSubstr("goroutine 6, which is likely leaked, has locked it")));
}

TEST_F(LockVerdictsTest, AChainToOneThatLivesIsNone) {
  waits(5, lock(0x5000));
  waits(6, lock(0x5008)), holds(6, 0x5000);
  drawn_.runs(7, ""), holds(7, 0x5008);
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, ARingAndWhoWaitsForIt) {
  std::uint32_t a = lock(0x5000), b = lock(0x5008);
  waits(5, b), holds(5, 0x5000);
  waits(6, a), holds(6, 0x5008);
  waits(7, a);
  EXPECT_THAT(likely(), ElementsAre(5, 6, 7));
  EXPECT_EQ(finding_of(5).ring.size(), 2U);
}

TEST_F(LockVerdictsTest, ALockTakenTwice) {
  waits(5, lock(0x5000)), holds(5, 0x5000);
  EXPECT_THAT(likely(), ElementsAre(5));
  EXPECT_EQ(finding_of(5).ring.size(), 1U);
}

// A hint that it may hold what it waits for is none.
TEST_F(LockVerdictsTest, NotTakenTwiceOnOneOfSeveralWays) {
  waits(5, lock(0x5000)), holds(5, 0x5000, LockHold::kMutex, false);
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, OneReaderThatNeverLeavesIsEnough) {
  std::uint32_t one = lock(0x5000, LockKind::kRWMutex, 3 - kReaders, 2);
  waits(5, one, WaitKind::kRWMutexLock);
  waits(6, one, WaitKind::kRWMutexRLock);
  leaks(7), holds(7, 0x5000, LockHold::kRead);
  drawn_.runs(8, ""), holds(8, 0x5000, LockHold::kRead);
  EXPECT_THAT(likely(), ElementsAre(5, 6));
  drawn_.picture().locks[one].more = 1;  // one of the two is none
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, NotForReadersThatLive) {
  std::uint32_t one = lock(0x5000, LockKind::kRWMutex, 2 - kReaders, 1);
  waits(5, one, WaitKind::kRWMutexLock);
  waits(6, one, WaitKind::kRWMutexRLock);
  drawn_.runs(8, ""), holds(8, 0x5000, LockHold::kRead);
  EXPECT_THAT(likely(), IsEmpty());
}

TEST_F(LockVerdictsTest, AReadLockUpgraded) {
  std::uint32_t one = lock(0x5000, LockKind::kRWMutex, 1 - kReaders, 1);
  waits(5, one, WaitKind::kRWMutexLock), holds(5, 0x5000, LockHold::kRead);
  EXPECT_THAT(likely(), ElementsAre(5));
}

TEST_F(LockVerdictsTest, ReadersOfALeakedWriter) {
  std::uint32_t one = lock(0x5000, LockKind::kRWMutex, 1 - kReaders, 0);
  waits(5, one, WaitKind::kRWMutexRLock);
  leaks(7), holds(7, 0x5000, LockHold::kWrite);
  EXPECT_THAT(likely(), ElementsAre(5));
}

// Any number may be in a file: a chain of all of them, the wrong way round, and one lock that all
// are said to have.
TEST_F(LockVerdictsTest, ManyAreJudgedInTheTimeThatReadingThemTakes) {
  constexpr std::uint64_t kMany = 100'000;
  DrawnPicture& drawn = drawn_;
  drawn.picture().goroutines.reserve(kMany);
  for (std::uint64_t i = 0; i < kMany; ++i) {
    std::uint32_t one = lock(0x100000 + 8 * i);
    drawn.picture().goroutines.reserve(kMany);
    waits(10 + i, one);
    holds(10 + i, 0x100000 + 8 * (i + 1)), holds(10 + i, 0x100000);
  }
  EXPECT_THAT(likely(), IsEmpty());
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
