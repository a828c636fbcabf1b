#include "analyses/heap/waste.h"

#include <gtest/gtest.h>

#include "analyses/heap/holders.h"
#include "analyses/heap/letters_for_tests.h"
#include "analyses/heap/live_objects.h"

namespace goshawk::analyses::heap {
namespace {

using findings::Confidence;
using findings::HeapFinding;

class WasteTest : public LetterPicture {
 protected:
  WasteTest() {
    picture.fill.known = true;
    picture.fill.places = {"", "main.record.key", "main.lines"};
  }
  void array(char object, std::uint32_t place, std::uint64_t used, std::uint64_t reachable) {
    picture.fill.arrays.push_back({.array = id(object),
                                   .place = place,
                                   .holders = 1,
                                   .room_bytes = kEach,
                                   .used_bytes = used,
                                   .reachable_bytes = reachable});
  }
  void map(char object, std::uint64_t entries, std::uint64_t tables, std::uint64_t needed) {
    picture.fill.maps.push_back(
        {.header = id(object), .entries = entries, .table_bytes = tables, .needed_bytes = needed});
  }
  std::vector<HeapFinding> find() {
    draw();
    LastObject describer;
    HeldHeap held(picture, HolderTree(picture), &describer);
    return find_waste(picture, mark_live_objects(picture), held.paths);
  }
};

// B is a pool's: what it keeps for reuse is the pool's, what nobody can get at is lost there too.
TEST_F(WasteTest, WhatAPoolKeepsForReuseIsNotTold) {
  global('A', 0x500000);
  points('A', 'B');
  points('B', 'C');
  points('B', 'D');
  picture.fill.pools.emplace_back().local = id('B');
  array('C', 1, 10, kEach);
  array('D', 1, 10, 10);
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.confidence, Confidence::kLikely);
  EXPECT_EQ(found[0].path, "to D");
}

TEST_F(WasteTest, ArraysOfOnePlaceAreToldTogether) {
  global('A', 0x500000);
  for (char object : {'B', 'C', 'D'}) {
    points('A', object);
    type(object, "[]uint8");
  }
  array('B', 1, 10, 20);
  array('C', 1, 30, 30);
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.rule, "heap/pinned-array");
  EXPECT_EQ(found[0].finding.confidence, Confidence::kLikely);
  EXPECT_EQ(found[0].finding.count, 2u);
  EXPECT_EQ(found[0].place, "main.record.key");
  EXPECT_EQ(found[0].type, "[]uint8");
  EXPECT_EQ(found[0].total_bytes, 2 * kEach);
  EXPECT_EQ(found[0].used_bytes, 40u);
  EXPECT_EQ(found[0].finding.cost.retained_bytes, 2 * kEach - 50);  // what nobody can get at
  EXPECT_EQ(found[0].path, "to B");                                 // of the one that wastes most
}

TEST_F(WasteTest, RoomBehindTheLengthIsASuspicionOnly) {
  global('A', 0x500000);
  global('B', 0x500008);
  array('A', 2, 10, kEach);
  array('B', 2, 10, 10);
  auto found = find();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].finding.cost.retained_bytes, kEach - 10);
  EXPECT_NE(found[0].finding.confidence, found[1].finding.confidence);
  EXPECT_NE(found[0].finding.advice, found[1].finding.advice);
}

TEST_F(WasteTest, GarbageIsLeftToTheCollector) {
  global('A', 0x500000);
  array('B', 1, 10, 10);
  map('C', 1, 8 * kEach, 100);
  EXPECT_TRUE(find().empty());
}

TEST_F(WasteTest, AMapIsToldWithItsEntriesAndTheWayToIt) {
  global('A', 0x500000);
  points('A', 'B');
  type('B', "map[string]int");
  map('B', 12, 8 * kEach, 4096);
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.rule, "heap/oversized-map");
  EXPECT_EQ(found[0].finding.confidence, Confidence::kSuspected);
  EXPECT_EQ(found[0].place, "to B");
  EXPECT_EQ(found[0].type, "map[string]int");
  EXPECT_EQ(found[0].entries, 12u);
  EXPECT_EQ(found[0].finding.cost.retained_bytes, 8 * kEach - 4096);
}

TEST_F(WasteTest, AMapMayBeHalfEmpty) {
  global('A', 0x500000);
  map('A', 1000, 4 * kEach, kEach);
  EXPECT_TRUE(find().empty());
}

TEST_F(WasteTest, SmallMapsOfOneTypeAreToldTogether) {
  for (char object : {'A', 'B'}) {
    global(object, 0x500000 + 8 * static_cast<std::uint64_t>(object));
    type(object, "map[int]bool");
    map(object, 3, 100'000, 300);
  }
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.count, 2u);
  EXPECT_EQ(found[0].entries, 6u);
  EXPECT_EQ(found[0].total_bytes, 200'000u);
}

TEST_F(WasteTest, LittleIsNotWorthAWord) {
  global('A', 0x500000);
  map('A', 1, 60'000, 100);
  EXPECT_TRUE(find().empty());
}

}  // namespace
}  // namespace goshawk::analyses::heap
