// How full arrays are, of a heap that is written down in the test.
#include "goruntime/typing/fill_reader.h"

#include <gtest/gtest.h>

#include "goruntime/typing/heap_drawing_for_tests.h"

namespace goshawk::goruntime {
namespace {

using snapshot::ArrayFill;
using snapshot::Fill;
using snapshot::kNone;
using snapshot::ObjectId;
using testing::DrawnHeap;
using testing::Edge;

constexpr std::uint64_t kRoom = 4096;

// main.head { bytes []uint8; n int }, main.node { next *node; text string }, and an array.
class FillReaderTest : public ::testing::Test {
 protected:
  FillReaderTest() {
    for (ObjectId* one : {&head, &other}) *one = heap.add(32);
    for (ObjectId* one : {&node, &stranger}) *one = heap.add(24);
    array = heap.add_noscan(kRoom);
    for (ObjectId one : {head, other}) {
      heap.points(one, {Edge{0, array, true}});
      heap.seen_in_interface(one, heap.pointer_to(heap.head));
    }
    heap.points(node, {Edge{8, array, true}});
    heap.seen_in_interface(node, heap.pointer_to(heap.node));
    heap.spread();
  }
  // [from, from + length), up to from + capacity.
  void slice(ObjectId holder, std::uint64_t from, std::uint64_t length, std::uint64_t capacity) {
    heap.large_reference(holder, 0, array, from, length, capacity);
  }
  void string(std::uint64_t from, std::uint64_t length) {
    heap.large_reference(node, 8, array, from, length, 7);
  }
  const ArrayFill* find() {
    fill = heap.read_fill();
    return fill.arrays.empty() ? nullptr : &fill.arrays.front();
  }

  DrawnHeap heap;
  ObjectId head = 0, other = 0, node = 0, stranger = 0, array = 0;
  Fill fill;
};

TEST_F(FillReaderTest, ASliceUsesItsLengthAndReachesItsCapacity) {
  slice(head, 100, 10, 50);
  const ArrayFill* found = find();
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->array, array);
  EXPECT_EQ(found->holder, head);
  EXPECT_EQ(fill.places.at(found->place), "main.head.bytes");
  EXPECT_EQ(found->room_bytes, kRoom);
  EXPECT_EQ(found->used_bytes, 10u);
  EXPECT_EQ(found->reachable_bytes, 50u);
  EXPECT_FALSE(found->read_only);
}

TEST_F(FillReaderTest, AStringReachesWhatItUses) {
  string(4000, 96);
  const ArrayFill* found = find();
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->used_bytes, 96u);
  EXPECT_EQ(found->reachable_bytes, 96u);
  EXPECT_EQ(fill.places.at(found->place), "main.node.text");
  EXPECT_TRUE(found->read_only);
}

TEST_F(FillReaderTest, WhatSeveralUseCountsOnce) {
  slice(head, 0, 100, 100);
  slice(other, 50, 100, 100);
  string(120, 40);
  const ArrayFill* found = find();
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->used_bytes, 160u);
  EXPECT_EQ(found->holders, 3u);
}

TEST_F(FillReaderTest, HalfOfItIsEnough) {
  slice(head, 0, kRoom / 2, kRoom);
  EXPECT_EQ(find(), nullptr);
}

TEST_F(FillReaderTest, WhatOneUsesWholeIsUsed) {
  slice(head, 0, 10, 10);
  slice(other, 0, kRoom, kRoom);
  EXPECT_EQ(find(), nullptr);
}

TEST_F(FillReaderTest, WhatCannotBeASliceSaysNothing) {
  slice(head, 0, 20, 10);  // longer than its capacity
  EXPECT_EQ(find(), nullptr);
}

TEST_F(FillReaderTest, NorWhatEndsBehindTheArray) {
  slice(head, 4090, 3, 10);
  EXPECT_EQ(find(), nullptr);
}

TEST_F(FillReaderTest, OneOfUnknownTypeMayUseAllOfIt) {
  slice(head, 0, 10, 10);
  heap.large_reference(stranger, 0, array, 0, 1, 1);
  EXPECT_EQ(find(), nullptr);
}

TEST_F(FillReaderTest, AStackMayUseAllOfIt) {
  slice(head, 0, 10, 10);
  heap.picture().goroutine_roots = {array};
  EXPECT_EQ(find(), nullptr);
}

TEST_F(FillReaderTest, AFinalizerIsGivenAllOfIt) {
  slice(head, 0, 10, 10);
  heap.evidence().with_finalizers = {array};
  EXPECT_EQ(find(), nullptr);
}

TEST_F(FillReaderTest, AVariableOfUnknownTypeMayUseAllOfIt) {
  slice(head, 0, 10, 10);
  heap.evidence().around_globals = {
      {.to = array, .known = true, .source = Address(0x5000), .value = 0xc000000000}};
  EXPECT_EQ(find(), nullptr);
}

TEST_F(FillReaderTest, SlicesAreToldHoweverFull) {
  slice(head, 0, kRoom, kRoom);
  slice(other, 50, 10, 10);
  string(100, 200);
  EXPECT_EQ(find(), nullptr);
  ASSERT_EQ(fill.slices.size(), 2u);
  EXPECT_EQ(fill.slices[0], (snapshot::SliceFill{array, head, fill.slices[0].place, kRoom}));
  EXPECT_EQ(fill.slices[1].length, 10u);
  EXPECT_EQ(fill.places.at(fill.slices[0].place), "main.head.bytes");
}

TEST_F(FillReaderTest, ALengthBehindTheCapacityIsNoSlice) {
  slice(head, 0, 20, 10);
  find();
  EXPECT_TRUE(fill.slices.empty());
}

TEST_F(FillReaderTest, TooManyReferencesToBeKeptSayNothing) {
  slice(head, 0, 10, 10);
  heap.evidence().sightings.around_complete = false;
  EXPECT_EQ(find(), nullptr);
  EXPECT_FALSE(fill.known);
}

// What looks like a channel has to be known as one.
TEST_F(FillReaderTest, AChannelThatIsSomethingElseIsNone) {
  heap.evidence().large_channels = {{heap.node, {.channel = head, .buffer = array, .capacity = 9}}};
  EXPECT_TRUE(heap.read_fill().channels.empty());
}

TEST_F(FillReaderTest, APoolIsNamedByWhereItLies) {
  Address of_head = heap.picture().objects.address(head);
  heap.evidence().pools.pools = {
      {.fill = {.pool = of_head + 24, .values = 3}, .made_by = {}, .type = heap.node},
      {.fill = {.pool = Address(0x900000)}, .made_by = {}, .type = {}}};
  Fill read = heap.read_fill();
  ASSERT_EQ(read.pools.size(), 2u);
  EXPECT_EQ(read.places.at(read.pools[0].place), "main.head.n");
  EXPECT_EQ(read.places.at(read.pools[0].type), "main.node");
  EXPECT_EQ(read.pools[0].values, 3u);
  EXPECT_EQ(read.pools[0].made_by, 0u);
  EXPECT_EQ(read.pools[1].place, 0u);
}

}  // namespace
}  // namespace goshawk::goruntime
