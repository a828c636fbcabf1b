// Holders as another picture tells them, of heaps drawn by hand.
#include "analyses/heap/holder_inventory.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analyses/heap/letters_for_tests.h"

namespace goshawk::analyses::heap {
namespace {

using findings::HeldKind;

class HolderInventoryTest : public LetterPicture {
 protected:
  const std::vector<HeldKind>& list() {
    draw();
    LastObject describer;
    kinds_ = list_held_kinds(picture, HolderTree(picture, HolderChoice::kGlobals), &describer);
    return kinds_;
  }
  // "to A/main.shop/main.session"
  std::string steps(const HeldKind& kind) const {
    const HeldKind& above = kinds_[kind.parent];
    return &above == &kinds_.front() ? kind.name : steps(above) + "/" + kind.name;
  }
  const HeldKind* find(const std::string& wanted) const {
    for (std::size_t i = 1; i < kinds_.size(); ++i)
      if (steps(kinds_[i]) == wanted) return &kinds_[i];
    return nullptr;
  }

 private:
  std::vector<HeldKind> kinds_;
};

TEST_F(HolderInventoryTest, SmallHoldersStandApartToo) {
  global('A', 0x500000);
  global('Z', 0x500008);
  for (char one = 'B'; one <= 'M'; ++one) points('A', one), type(one, "main.session");
  type('A', "main.shop");
  const std::vector<HeldKind>& kinds = list();
  EXPECT_EQ(kinds.front().retained.objects, 14u);
  EXPECT_EQ(kinds.front().retained.bytes, 14 * kEach);
  ASSERT_NE(find("to Z"), nullptr);
  EXPECT_EQ(find("to Z")->retained.objects, 1u);
  const HeldKind* sessions = find("to A/main.shop/main.session");
  ASSERT_NE(sessions, nullptr);
  EXPECT_EQ(sessions->count, 12u);
  EXPECT_EQ(sessions->retained.bytes, 12 * kEach);
  EXPECT_EQ(sessions->path, "to B");
}

// A goroutine that uses what a variable holds does not take it away from the variable.
TEST_F(HolderInventoryTest, WhatLastsHoldsBeforeWhoJustUsesIt) {
  global('A', 0x500000);
  points('A', 'B');
  points('B', 'C');
  goroutine(7, 'B');
  goroutine(8, 'D');
  points('D', 'C');
  points('D', 'E');
  list();
  EXPECT_EQ(find("to A")->retained.objects, 3u);
  EXPECT_EQ(find("stacks of goroutines in main.work")->retained.objects, 2u) << "D and E";
}

TEST_F(HolderInventoryTest, MainHoldsBeforeOtherGoroutines) {
  goroutine(1, 'A');
  goroutine(9, 'A');
  goroutine(9, 'B');
  points('A', 'C');
  list();
  const HeldKind* stacks = find("stacks of goroutines in main.work");
  ASSERT_NE(stacks, nullptr);
  EXPECT_EQ(stacks->count, 2u) << "main's, and the others'";
  EXPECT_EQ(stacks->retained.objects, 3u);
}

// One that has grown has tables between its header and its entries.
TEST_F(HolderInventoryTest, TheInsideOfAMapIsTheMap) {
  global('A', 0x500000);
  chain('A', 'D');
  type('A', "map[int]*main.session");
  type('B', "[]*maps.table");
  type('C', "maps.table");
  type('D', "map[int]*main.session entries");
  for (char one = 'E'; one <= 'H'; ++one) points('D', one), type(one, "main.session");
  list();
  const HeldKind* map = find("to A/map[int]*main.session");
  ASSERT_NE(map, nullptr);
  EXPECT_EQ(map->count, 1u);
  EXPECT_EQ(map->retained.objects, 8u);
  const HeldKind* sessions = find("to A/map[int]*main.session/main.session");
  ASSERT_NE(sessions, nullptr);
  EXPECT_EQ(sessions->count, 4u);
}

TEST_F(HolderInventoryTest, AListIsOneKind) {
  global('A', 0x500000);
  chain('A', 'q');
  for (char one = 'A'; one <= 'Z'; ++one) type(one, "main.link");
  list();
  ASSERT_NE(find("to A/main.link"), nullptr);
  EXPECT_EQ(find("to A/main.link/main.link"), nullptr);
}

TEST_F(HolderInventoryTest, AVariableWithoutANameHasItsAddress) {
  global('A', 0x500010);
  draw();
  std::vector<HeldKind> kinds =
      list_held_kinds(picture, HolderTree(picture, HolderChoice::kGlobals), nullptr);
  ASSERT_EQ(kinds.size(), 3u);
  EXPECT_EQ(kinds[1].name, "global variables without a name");
  EXPECT_EQ(kinds[1].path, "a global at 0x500010");
  EXPECT_EQ(kinds[1].address, 0x500010u);
  EXPECT_EQ(kinds[2].name, "");
  EXPECT_EQ(kinds[2].slot_bytes, 0u) << "larger than any slot";
}

}  // namespace
}  // namespace goshawk::analyses::heap
