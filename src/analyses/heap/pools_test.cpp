#include "analyses/heap/pools.h"

#include <gtest/gtest.h>

#include "analyses/heap/letters_for_tests.h"
#include "analyses/heap/live_objects.h"

namespace goshawk::analyses::heap {
namespace {

using findings::PoolLine;
using snapshot::PoolFill;

// Pools lie in A, which is a global's.
class PoolsTest : public LetterPicture {
 protected:
  PoolsTest() {
    global('A', 0x500000);
    picture.fill.known = true;
    picture.fill.places = {"", "main.buffers", "main.new", "*main.buffer"};
  }
  PoolFill& pool(char local, std::uint64_t values) {
    points('A', local);
    picture.fill.pools.push_back({.pool = Address((1 << 30) + picture.fill.pools.size() * 40),
                                  .local = id(local),
                                  .values = values});
    return picture.fill.pools.back();
  }
  std::vector<PoolLine> list() {
    draw();
    return list_pools(picture, mark_live_objects(picture));
  }
};

TEST_F(PoolsTest, WhatOnlyThePoolHoldsIsToldWithItsArrays) {
  PoolFill& one = pool('B', 2);
  one.victim = id('C');
  one.victim_values = 1;
  one.place = 1;
  one.made_by = 2;
  one.type = 3;
  points('A', 'C');
  points('B', 'D');
  points('D', 'E');
  points('B', 'F');
  points('C', 'G');
  global('F', 0x500008);
  auto lines = list();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].place, "main.buffers");
  EXPECT_EQ(lines[0].made_by, "main.new");
  EXPECT_EQ(lines[0].type, "*main.buffer");
  EXPECT_EQ(lines[0].pools, 1u);
  EXPECT_EQ(lines[0].address, 1u << 30);
  EXPECT_EQ(lines[0].values, 3u);
  EXPECT_EQ(lines[0].victim_values, 1u);
  EXPECT_EQ(lines[0].bytes, 5 * kEach);
  EXPECT_EQ(lines[0].victim_bytes, 2 * kEach);
}

TEST_F(PoolsTest, ThoseOfOnePlaceAreOneAndTheLargestIsFirst) {
  pool('B', 1).place = 0;
  for (char local : {'C', 'D'}) pool(local, 10).place = 1;
  points('C', 'F');
  points('D', 'F');
  auto lines = list();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].place, "main.buffers");
  EXPECT_EQ(lines[0].pools, 2u);
  EXPECT_EQ(lines[0].address, 0u);
  EXPECT_EQ(lines[0].values, 20u);
  EXPECT_EQ(lines[0].bytes, 3 * kEach);  // what both hold counts once
  EXPECT_EQ(lines[1].place, "");
}

TEST_F(PoolsTest, GarbageIsNotTold) {
  picture.fill.pools.push_back({.pool = Address(1 << 30), .local = id('X'), .values = 3});
  EXPECT_TRUE(list().empty());
  picture.fill.pools.clear();
  EXPECT_TRUE(list().empty());
}

}  // namespace
}  // namespace goshawk::analyses::heap
