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
    HeldHeap held(picture, HolderTree(picture), &describer);
    return find_holders(picture, held);
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

// A pointer that was left behind leads to a slot that is free: neither its type nor its size count.
TEST_F(HoldersTest, WhatIsNotAllocatedIsOfNoKind) {
  global('A', 0x500000);
  points('A', 'B');
  points('B', 'C');
  draw();
  picture.objects.allocated[0] &= ~(std::uint64_t{1} << 1);
  picture.types = {};  // they were not read
  LastObject describer;
  HeldHeap held(picture, HolderTree(picture), &describer);
  HeapHolders holders = find_holders(picture, held);
  EXPECT_EQ(holders.live_objects, 2u);
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
  EXPECT_TRUE(holders.suspects[0].holder.is_shared);
  EXPECT_EQ(holders.suspects[0].holder.address, (std::uint64_t{1} << 30) + 2 * kEach);
  EXPECT_EQ(holders.suspects[0].holder.retained_bytes, 14 * kEach);
}

// The way of the words, of which there are two here.
class FirstWord : public snapshot::PathDescriber {
 public:
  std::string describe(const snapshot::HoldingPath& path) override {
    if (path.goid != 0) return "the stack of goroutine 7";
    return path.root.source == Address(0x500000) ? "main.a" : "main.b";
  }
};

class SharedTest : public HoldersTest {
 protected:
  std::vector<std::string> holders_of_largest() {
    draw();
    FirstWord describer;
    HeldHeap held(picture, HolderTree(picture), &describer);
    HeapHolders holders = find_holders(picture, held);
    EXPECT_EQ(holders.suspects.at(0).holder.is_shared, !holders.tree.at(0).held_by.empty());
    EXPECT_EQ(holders.tree.at(0).held_by, holders.suspects.at(0).holder.held_by);
    return holders.suspects.at(0).holder.held_by;
  }
  void leaves_of(char from) {
    for (char leaf = 'D'; leaf <= 'P'; ++leaf) points(from, leaf);
  }
};

TEST_F(SharedTest, WhoSharesItIsTold) {
  global('C', 0x500000);
  global('C', 0x500008);
  leaves_of('C');
  EXPECT_EQ(holders_of_largest(), (std::vector<std::string>{"main.a", "main.b"}));
}

TEST_F(SharedTest, AlsoByWhatRefersToItAndByStacks) {
  global('A', 0x500000);
  points('A', 'C');
  goroutine(7, 'B');
  points('B', 'C');
  leaves_of('C');
  EXPECT_EQ(holders_of_largest(),
            (std::vector<std::string>{"main.a", "the stack of goroutine 7, in main.work"}));
}

TEST_F(SharedTest, WhatIsReachedThroughItDoesNotHoldIt) {
  global('A', 0x500008);
  points('A', 'B');
  points('B', 'C');
  points('A', 'Z');
  points('Z', 'Q');
  global('C', 0x500000);
  leaves_of('C');
  points('D', 'C');
  points('E', 'C');
  EXPECT_EQ(holders_of_largest(), (std::vector<std::string>{"main.a", "main.b"}));
}

TEST_F(SharedTest, AHolderOfItsOwnSharesNothing) {
  global('C', 0x500000);
  leaves_of('C');
  points('D', 'C');
  EXPECT_TRUE(holders_of_largest().empty());
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
  EXPECT_TRUE(holders.suspects[0].holder.is_plural);
  EXPECT_EQ(holders.suspects[0].finding.goids, (std::vector<std::uint64_t>{7, 8}));
  EXPECT_EQ(holders.suspects[0].holder.retained_bytes, 14 * kEach);
}

TEST_F(HoldersTest, ALongPathIsCutByMoreThanOneStep) {
  global('A', 0x500000);
  chain('A', 'Z');
  draw();
  LastObject describer;
  HeldHeap held(picture, HolderTree(picture), &describer);
  EXPECT_EQ(held.paths.path_to(id('J')), "to J");
  EXPECT_EQ(held.paths.path_to(id('K')), "to K");
  EXPECT_EQ(held.paths.path_to(id('L')), "to J ... 2 more steps");
}

TEST_F(HoldersTest, ManyAreToldAsMany) {
  picture.roots.push_back({id('A'), snapshot::RootKind::kTimer, Address(0xc000001000)});
  chain('A', 'N');
  goroutine(7, 'O');
  chain('O', 'Z');
  HeapHolders holders = find();
  ASSERT_EQ(holders.suspects.size(), 2u);
  EXPECT_EQ(holders.suspects[0].holder.path, "pending timers");
  EXPECT_TRUE(holders.suspects[0].holder.is_plural);
  EXPECT_EQ(holders.suspects[1].holder.path, "the stack of goroutine 7, in main.work");
  EXPECT_FALSE(holders.suspects[1].holder.is_plural);
}

TEST_F(HoldersTest, NobodyIsToldOfAnEmptyHeap) {
  HeapHolders holders = find();
  EXPECT_TRUE(holders.suspects.empty() && holders.tree.empty());
}

class AllocatedInTest : public HoldersTest {
 protected:
  snapshot::StackId stack(std::vector<std::string> functions) {
    std::vector<snapshot::FrameId> frames;
    for (const std::string& function : functions) {
      snapshot::Frame frame;
      frame.function = picture.strings.intern(function);
      frame.line = 7;
      frames.push_back(picture.stacks.add_frame(frame));
    }
    return picture.stacks.intern(frames);
  }
  std::uint32_t record(snapshot::StackId stack, std::uint64_t size_bytes) {
    picture.allocations.records.push_back({.stack = stack, .size_bytes = size_bytes});
    return static_cast<std::uint32_t>(picture.allocations.records.size() - 1);
  }
  void sampled(char object, std::uint32_t record) {
    picture.allocations.sampled.push_back({.object = id(object), .record = record});
  }
};

TEST_F(AllocatedInTest, LinesOfCodeThatAllocatedWhatASuspectHas) {
  picture.allocations.rate_bytes = 1;  // all are samples
  global('A', 0x500000);
  points('A', 'B');
  for (char leaf = 'C'; leaf <= 'N'; ++leaf) points('B', leaf);
  global('P', 0x500008);
  std::uint32_t load = record(stack({"main.load", "main.main"}), 100);
  std::uint32_t grow = record(stack({"bytes.growSlice", "main.read", "main.main"}), 1000);
  sampled('C', load);
  sampled('D', grow);
  sampled('E', load);
  sampled('P', load);  // somebody else's
  HeapHolders holders = find();
  ASSERT_EQ(holders.suspects.size(), 1u);
  const std::vector<findings::AllocatedIn>& lines = holders.suspects[0].allocated_in;
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].place.function, "bytes.growSlice");
  EXPECT_EQ(lines[0].on_behalf_of.function, "main.read");
  EXPECT_EQ(lines[0].bytes, 1000u);
  EXPECT_EQ(lines[1].place.function, "main.load");
  EXPECT_EQ(lines[1].on_behalf_of.function, "");
  EXPECT_EQ(lines[1].bytes, 200u);
  EXPECT_EQ(lines[1].samples, 2u);
}

// A small object that was sampled stands for all that were not.
TEST_F(AllocatedInTest, ASampleStandsForWhatWasAllocatedBetweenTwo) {
  picture.allocations.rate_bytes = 512 << 10;
  global('A', 0x500000);
  for (char leaf = 'C'; leaf <= 'N'; ++leaf) points('A', leaf);
  sampled('C', record(stack({"main.load"}), 16));
  HeapHolders holders = find();
  EXPECT_NEAR(static_cast<double>(holders.suspects.at(0).allocated_in.at(0).bytes), 512 << 10, 16);
}

TEST_F(HoldersTest, ALargeMapIsToldWithItsEntries) {
  global('A', 0x500000);
  for (char leaf = 'C'; leaf <= 'N'; ++leaf) points('A', leaf);
  picture.fill.maps = {{.header = id('A'), .entries = 1200}};
  EXPECT_EQ(find().suspects.at(0).entries, 1200u);
}

}  // namespace
}  // namespace goshawk::analyses::heap
