#include "analyses/goroutines/lock_owners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "analyses/goroutines/lock_chains.h"

namespace goshawk::analyses::goroutines {
namespace {

using findings::Finding;
using findings::LockHolding;
using findings::WaitedLock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

LockHolding holding(std::uint64_t goid) {
  return {.goid = goid,
          .fate = "proven leaked",
          .locked_in = {"main.reserve", "/src/stock.go", 40, 0},
          .wait_reason = "chan receive"};
}

Finding waiter(std::uint64_t goid, std::vector<LockHolding> chain) {
  Finding finding;
  finding.goids = {goid};
  finding.advice = "unlock";
  WaitedLock lock;
  lock.kind = "sync.Mutex";
  lock.name = "main.stock.mu";
  lock.address = 0x5000;
  lock.waiters = 3;
  lock.chain = std::move(chain);
  finding.locks = {lock};
  return finding;
}

Finding owner(std::vector<std::uint64_t> goids) {
  Finding finding;
  finding.goids = std::move(goids);
  finding.advice = "close the channel";
  return finding;
}

TEST(LockOwners, TheOwnersFindingSaysWhatItHasLockedAndTheWaitersWhatToMend) {
  std::vector<Finding> findings = {owner({7, 8}), waiter(9, {holding(8)})};
  tell_lock_owners(findings);
  EXPECT_THAT(
      findings[0].evidence,
      ElementsAre(
          "goroutine 8 has locked the sync.Mutex main.stock.mu, for which 3 goroutines wait"));
  EXPECT_EQ(findings[0].advice, "close the channel");
  EXPECT_THAT(findings[1].evidence, IsEmpty());
  EXPECT_THAT(findings[1].advice, HasSubstr("mend what goroutine 8 waits for"));
}

TEST(LockOwners, WhoProbablyHoldsItIsToldSoAndIsWhatToMend) {
  std::vector<Finding> findings = {owner({7}), waiter(9, {})};
  findings[0].blocked_at = {"main.reserve", "/src/stock.go", 41, 0};
  findings[1].locks[0].holders = {7};
  findings[1].locks[0].name = "";
  tell_lock_owners(findings);
  EXPECT_THAT(findings[0].evidence, ElementsAre("goroutine 7 probably holds the sync.Mutex at "
                                                "0x5000, for which 3 goroutines wait"));
  EXPECT_THAT(findings[1].advice, StartsWith("mend what goroutine 7, behind which this probably "
                                             "waits, waits for in main.reserve (stock.go:41)"));
}

TEST(LockOwners, OfProbableHoldersTheLastOneIsTheCause) {
  std::vector<Finding> findings = {owner({7}), waiter(8, {}), waiter(9, {})};
  findings[1].locks[0].holders = {7};
  findings[2].locks[0].holders = {8};
  findings[2].locks[0].address += 8;
  tell_lock_owners(findings);
  EXPECT_THAT(findings[2].advice, StartsWith("mend what goroutine 7, "));
}

TEST(LockOwners, WhoHasTheWaitGroupAndIsLeakedIsWhatToMend) {
  std::vector<Finding> findings = {owner({7}), waiter(9, {}), waiter(10, {})};
  findings[0].blocked_at = {"main.work", "/src/pool.go", 12, 0};
  for (std::size_t i : {1, 2}) findings[i].rule = "goroutine/waitgroup";
  findings[1].locks[0].referrers = {7};
  tell_lock_owners(findings);
  EXPECT_THAT(findings[1].advice, StartsWith("mend what goroutine 7 waits for in main.work "
                                             "(pool.go:12), and whoever else refers"));
  EXPECT_EQ(findings[2].advice, "unlock");
}

// One that is alive may unlock; of two, either may be the one; a ring has an advice of its own; a
// writer that comes first waits for the same lock.
TEST(LockOwners, WhoseHolderIsNotTheCauseForCertainKeepsItsAdvice) {
  std::vector<Finding> findings = {owner({7, 8}),  waiter(9, {}),  waiter(10, {}), waiter(11, {}),
                                   waiter(12, {}), waiter(13, {}), waiter(14, {})};
  findings[1].locks[0].holders = {70};
  findings[2].locks[0].holders = {7, 8};
  findings[3].locks[0].holders = {11};
  findings[3].ring = {{.goid = 11, .lock = 0x5000}};
  findings[4].locks[0].holders = {11};
  findings[4].locks[0].address += 8;
  findings[6].locks[0].holders = {13};
  tell_lock_owners(findings);
  for (std::size_t i = 1; i < findings.size(); ++i) EXPECT_EQ(findings[i].advice, "unlock");
}

// A writer that comes first has nothing yet; who waits for the same lock is told with it.
TEST(LockOwners, WhoWaitsForTheLockHimselfOwnsNothing) {
  LockHolding writer = holding(7);
  writer.locked_in = {};
  std::vector<Finding> findings = {waiter(7, {}), waiter(9, {writer})};
  findings[1].locks[0].holders = {7};
  tell_lock_owners(findings);
  EXPECT_THAT(findings[0].evidence, IsEmpty());
}

TEST(LockOwners, OfManyLocksThreeAreToldAndTheOthersCounted) {
  std::vector<Finding> findings = {owner({7})};
  for (std::uint64_t i = 0; i < 5; ++i) {
    findings.push_back(waiter(10 + i, {holding(7)}));
    findings.back().locks[0].address += 8 * i;
  }
  tell_lock_owners(findings);
  ASSERT_EQ(findings[0].evidence.size(), 4U);
  EXPECT_EQ(findings[0].evidence[3], "and 2 more locks of these goroutines are waited for");
}

TEST(LockChains, AChainIsToldStepByStep) {
  LockHolding second = holding(8);
  second.fate = "likely leaked";
  EXPECT_EQ(describe_chain({second, holding(7)}),
            "goroutine 8, which is likely leaked, has locked it in main.reserve (stock.go:40), "
            "where it is to unlock it again; it waits for the lock of goroutine 7, proven leaked "
            "(locked in main.reserve, stock.go:40); that one waits (chan receive)");
  EXPECT_EQ(describe_chain({}), "");
}

TEST(LockChains, OneThatEndsWhereItHasBeenIsARing) {
  EXPECT_THAT(describe_chain({holding(7), holding(8), holding(7)}),
              HasSubstr(", which waits for goroutine 7 again: a ring"));
  EXPECT_THAT(describe_chain({holding(7), holding(7)}), HasSubstr("; it waits for itself"));
  std::vector<Finding> findings = {waiter(9, {holding(7), holding(8), holding(7)})};
  tell_lock_owners(findings);
  EXPECT_EQ(findings[0].advice, "mend the locking of goroutine 7, behind which this waits");
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
