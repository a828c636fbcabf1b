// Pictures drawn by hand: objects by letter, a megabyte each, so that a few of them are suspicious.
#include "analyses/heap/holders.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace goshawk::analyses::heap {
namespace {

using findings::HeapHolders;
using snapshot::RootKind;
using snapshot::Snapshot;

constexpr std::uint64_t kEach = 1 << 20;
constexpr std::uint32_t kObjects = 50;

// Of a path, its last object: "variable -> C".
class LastObject : public snapshot::PathDescriber {
 public:
  std::string describe(const snapshot::HoldingPath& path) override {
    return std::string("to ") + static_cast<char>('A' + path.objects.back());
  }
};

class HoldersTest : public ::testing::Test {
 protected:
  static snapshot::ObjectId id(char letter) {
    return static_cast<snapshot::ObjectId>(letter - 'A');
  }
  void points(char from, char to) { arrows_[id(from)].push_back(id(to)); }
  void chain(char from, char to) {
    for (char at = from; at < to; ++at) points(at, static_cast<char>(at + 1));
  }
  void global(char object, std::uint64_t word) {
    picture.roots.push_back({id(object), RootKind::kGlobal, Address(word)});
  }

  HeapHolders find() {
    picture.picture.has_references = true;
    picture.objects = snapshot::Objects(
        {{.base = Address(1 << 30), .element_size_bytes = kEach, .slots = kObjects}});
    picture.objects.allocated[0] = (std::uint64_t{1} << kObjects) - 1;
    picture.references.rows = ReservedArray<std::uint32_t>(kObjects + 2);
    picture.references.edges = ReservedArray<snapshot::ObjectId>(256);
    std::uint32_t edges = 0;
    for (std::uint32_t object = 0; object <= kObjects; ++object) {
      picture.references.rows[object] = edges;
      for (snapshot::ObjectId to : arrows_[object]) picture.references.edges[edges++] = to;
    }
    picture.references.rows[kObjects + 1] = edges;
    if (picture.goroutine_root_rows.empty()) picture.goroutine_root_rows = {0};
    LastObject describer;
    return find_holders(picture, &describer);
  }

  Snapshot picture;

 private:
  std::vector<std::vector<snapshot::ObjectId>> arrows_{kObjects + 1};
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

TEST_F(HoldersTest, AWeakPointerAndAThreadsStackHoldNothing) {
  global('A', 0x500000);
  points('A', 'B');
  picture.references.extra.push_back({id('A'), id('C')});
  picture.roots.push_back({id('D'), RootKind::kThread, Address(0x7f0000001000)});
  EXPECT_EQ(find().live_objects, 2u);
}

TEST_F(HoldersTest, GoroutinesWithOneStackAreOneHolder) {
  snapshot::Frame frame;
  frame.function = picture.strings.intern("main.work");
  std::vector<snapshot::FrameId> frames{picture.stacks.add_frame(frame)};
  for (std::uint64_t goid : {7, 8}) {
    snapshot::Goroutine goroutine;
    goroutine.goid = goid;
    goroutine.stack = picture.stacks.intern(frames);
    picture.goroutines.push_back(goroutine);
  }
  picture.goroutine_roots = {id('A'), id('K')};
  picture.goroutine_root_rows = {0, 1, 2};
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
