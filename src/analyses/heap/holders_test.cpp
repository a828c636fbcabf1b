#include "analyses/heap/holders.h"

#include <gtest/gtest.h>

#include "analyses/heap/letters_for_tests.h"

namespace goshawk::analyses::heap {
namespace {

using findings::HeapHolders;

class HoldersTest : public LetterPicture {
 protected:
  HeapHolders find() {
    draw();
    LastObject describer;
    return find_holders(picture, &describer);
  }
};

TEST_F(HoldersTest, AVariableRetainsWhatItAloneReaches) {
  global('A', 0x500000);
  points('A', 'B');
  for (char leaf = 'C'; leaf <= 'N'; ++leaf) points('B', leaf);
  global('Z', 0x500008);
  HeapHolders holders = find();
  EXPECT_EQ(holders.live_objects, 15u);
  EXPECT_EQ(holders.live_bytes, 15 * kEach);
  ASSERT_EQ(holders.suspects.size(), 1u);
  const findings::HeapSuspect& suspect = holders.suspects[0];
  EXPECT_EQ(suspect.holder.address, 0u);
  EXPECT_EQ(suspect.holder.retained_bytes, 14 * kEach);
  EXPECT_EQ(suspect.holder.retained_objects, 14u);
  EXPECT_EQ(suspect.accumulation.path, "to B");  // where it spreads out
  EXPECT_EQ(suspect.accumulation.retained_bytes, 13 * kEach);
  EXPECT_EQ(suspect.finding.rule, "heap/retained");
  EXPECT_EQ(suspect.finding.confidence, findings::Confidence::kSuspected);
  EXPECT_EQ(suspect.finding.cost.retained_bytes, 14 * kEach);
}

TEST_F(HoldersTest, WhatTwoVariablesReachIsTheObjectsOwn) {
  global('A', 0x500000);
  global('B', 0x500008);
  points('A', 'C');
  points('B', 'C');
  for (char leaf = 'D'; leaf <= 'P'; ++leaf) points('C', leaf);
  HeapHolders holders = find();
  ASSERT_EQ(holders.suspects.size(), 1u);
  EXPECT_EQ(holders.suspects[0].holder.path, "to C");
  EXPECT_EQ(holders.suspects[0].holder.address, (std::uint64_t{1} << 30) + 2 * kEach);
  EXPECT_EQ(holders.suspects[0].holder.retained_bytes, 14 * kEach);
}

TEST_F(HoldersTest, AListIsHeldAtItsHead) {
  global('A', 0x500000);
  chain('A', 'q');
  HeapHolders holders = find();
  ASSERT_EQ(holders.suspects.size(), 1u);
  EXPECT_EQ(holders.suspects[0].holder.retained_bytes, 49 * kEach);
  EXPECT_LE(holders.tree.size(), 5u);  // as deep as the tree is told, not line by line
}

TEST_F(HoldersTest, WhatIsAlikeIsToldTogether) {
  global('A', 0x500000);
  type('A', "main.shop");
  for (char one : {'B', 'C', 'D', 'E', 'F', 'G'}) {
    points('A', one);
    type(one, "main.session");
    char its_own = static_cast<char>(one + 6);
    points(one, its_own);
    type(its_own, "[]uint8");
  }
  HeapHolders holders = find();
  ASSERT_EQ(holders.tree.size(), 3u);
  EXPECT_EQ(holders.tree[1].type, "main.session");
  EXPECT_EQ(holders.tree[1].count, 6u);
  EXPECT_EQ(holders.tree[1].address, 0u);
  EXPECT_EQ(holders.tree[1].shallow_bytes, 6 * kEach);
  EXPECT_EQ(holders.tree[1].retained_bytes, 12 * kEach);
  EXPECT_EQ(holders.tree[1].retained_objects, 12u);
  EXPECT_EQ(holders.tree[2].type, "[]uint8");
  EXPECT_EQ(holders.tree[2].depth, 2u);
  ASSERT_EQ(holders.suspects.size(), 1u);
  EXPECT_EQ(holders.suspects[0].accumulation.type, "main.shop");
  ASSERT_EQ(holders.suspects[0].contents.size(), 1u);
  EXPECT_EQ(holders.suspects[0].contents[0].count, 6u);
}

TEST_F(HoldersTest, AMapIsNamedByItsHeader) {
  global('A', 0x500000);
  chain('A', 'C');
  type('A', "map[int]*main.session");
  type('B', "map[int]*main.session entries");
  type('C', "map[int]*main.session entries");
  for (char one = 'D'; one <= 'N'; ++one) points('C', one);
  HeapHolders holders = find();
  ASSERT_EQ(holders.suspects.size(), 1u);
  EXPECT_EQ(holders.suspects[0].accumulation.type, "map[int]*main.session");
  ASSERT_EQ(holders.suspects[0].contents.size(), 1u);
  EXPECT_EQ(holders.suspects[0].contents[0].count, 11u);
}

TEST_F(HoldersTest, AWeakPointerAndAThreadsStackHoldNothing) {
  global('A', 0x500000);
  points('A', 'B');
  picture.references.extra.push_back({id('A'), id('C')});
  picture.roots.push_back({id('D'), snapshot::RootKind::kThread, Address(0x7f0000001000)});
  EXPECT_EQ(find().live_objects, 2u);
}

TEST_F(HoldersTest, GoroutinesWithOneStackAreOneHolder) {
  goroutine(7, 'A');
  goroutine(8, 'K');
  chain('A', 'G');
  chain('K', 'Q');
  HeapHolders holders = find();
  ASSERT_EQ(holders.suspects.size(), 1u);
  EXPECT_EQ(holders.suspects[0].holder.path, "the stacks of 2 goroutines, in main.work");
  EXPECT_EQ(holders.suspects[0].holder.retained_bytes, 14 * kEach);
}

TEST_F(HoldersTest, NobodyIsToldOfAnEmptyHeap) {
  HeapHolders holders = find();
  EXPECT_TRUE(holders.suspects.empty() && holders.tree.empty());
}

}  // namespace
}  // namespace goshawk::analyses::heap
