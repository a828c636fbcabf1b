#include "analyses/heap/weak_pointers.h"

#include <gtest/gtest.h>

#include "analyses/heap/letters_for_tests.h"
#include "analyses/heap/live_objects.h"

namespace goshawk::analyses::heap {
namespace {

class WeakPointersTest : public LetterPicture {
 protected:
  // From a handle to an object.
  void weak(char handle, char object) {
    picture.references.extra.push_back({id(handle), id(object)});
    std::ranges::sort(picture.references.extra);
  }
  // A map with an entry that leads to the handle.
  void unique_map(char map, char entry, char handle, const std::string& type_name) {
    points('A', map);
    points(map, entry);
    points(entry, handle);
    type(map, "unique.uniqueMap[" + type_name + "]");
  }
  void cleanup(char object, char closure) {
    picture.roots.push_back({id(closure), snapshot::RootKind::kCleanup,
                             Address((1 << 30) + std::uint64_t{id(object)} * kEach)});
  }
  WeakPointers list() {
    global('A', 0x500000);
    draw();
    return list_weak_pointers(picture, mark_live_objects(picture));
  }
};

TEST_F(WeakPointersTest, AUniqueHandleHasItsMapAndItsValue) {
  unique_map('B', 'C', 'H', "string");
  weak('H', 'V');
  points('V', 'T');
  global('V', 0x500008);
  cleanup('V', 'X');  // as since 1.25, with what takes the value out of the map
  points('X', 'B');
  points('X', 'H');
  auto found = list();
  ASSERT_EQ(found.unique.size(), 1u);
  EXPECT_EQ(found.unique[0].type, "string");
  EXPECT_EQ(found.unique[0].handles, 1u);
  EXPECT_EQ(found.unique[0].unheld, 0u);
  EXPECT_EQ(found.unique[0].value_bytes, 2 * kEach);
  EXPECT_EQ(found.unique[0].map_bytes, 4 * kEach);  // B, C, H and X
  EXPECT_TRUE(found.others.empty());
}

TEST_F(WeakPointersTest, AValueWithoutAHandleIsUnheld) {
  unique_map('B', 'C', 'H', "main.key");
  weak('H', 'V');
  auto found = list();
  ASSERT_EQ(found.unique.size(), 1u);
  EXPECT_EQ(found.unique[0].type, "main.key");
  EXPECT_EQ(found.unique[0].handles, 1u);
  EXPECT_EQ(found.unique[0].unheld, 1u);
  EXPECT_EQ(found.unique[0].value_bytes, 0u);
}

// Up to 1.24 the map's entry has a copy of the value: what both refer to is the value's.
TEST_F(WeakPointersTest, WhatMapAndValueShareIsTheValues) {
  unique_map('B', 'C', 'H', "string");
  weak('H', 'V');
  points('C', 'T');
  points('V', 'T');
  global('V', 0x500008);
  auto found = list();
  ASSERT_EQ(found.unique.size(), 1u);
  EXPECT_EQ(found.unique[0].value_bytes, 2 * kEach);
  EXPECT_EQ(found.unique[0].map_bytes, 3 * kEach);
}

TEST_F(WeakPointersTest, AHandleInABlockThatSomebodyElseHasIsTheMapsAllTheSame) {
  unique_map('B', 'C', 'H', "string");
  weak('H', 'V');
  global('H', 0x500008);
  global('V', 0x500010);
  EXPECT_EQ(list().unique.at(0).handles, 1u);
}

TEST_F(WeakPointersTest, EachTypeHasItsOwn) {
  unique_map('B', 'C', 'D', "string");
  unique_map('E', 'F', 'G', "int");
  weak('D', 'V');
  weak('G', 'W');
  for (char value : {'V', 'W'}) global(value, 0x500000 + 8 * id(value));
  points('W', 'X');
  auto found = list();
  ASSERT_EQ(found.unique.size(), 2u);
  EXPECT_EQ(found.unique[0].type, "int");  // holds more
  EXPECT_EQ(found.unique[0].handles, 1u);
  EXPECT_EQ(found.unique[1].type, "string");
  EXPECT_EQ(found.unique[1].handles, 1u);
}

TEST_F(WeakPointersTest, OtherWeakPointersAreToldByType) {
  for (char handle : {'H', 'I'}) global(handle, 0x500000 + 8 * id(handle));
  weak('H', 'V');
  weak('I', 'W');
  weak('J', 'X');  // nobody has the handle
  for (char object : {'V', 'W', 'X'}) type(object, "main.node");
  global('V', 0x600000);
  auto found = list();
  EXPECT_TRUE(found.unique.empty());
  ASSERT_EQ(found.others.size(), 1u);
  EXPECT_EQ(found.others[0].type, "main.node");
  EXPECT_EQ(found.others[0].objects, 2u);
  EXPECT_EQ(found.others[0].bytes, 2 * kEach);
  EXPECT_EQ(found.others[0].unheld, 1u);
}

}  // namespace
}  // namespace goshawk::analyses::heap
