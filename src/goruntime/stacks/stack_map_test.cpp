#include "goruntime/stacks/stack_map.h"

#include <gtest/gtest.h>

#include <vector>

namespace goshawk::goruntime {
namespace {

using Bytes = std::vector<std::uint8_t>;

ByteView view(const Bytes& bytes) { return std::as_bytes(std::span(bytes)); }

// Two rows of 10 bits: 0b1100000001, 0b0000000010.
const Bytes kMap = {2, 0, 0, 0, 10, 0, 0, 0, 0x01, 0x03, 0x02, 0x00};

TEST(StackMapTest, RowsOfWholeBytes) {
  auto row = find_stack_bits(view(kMap), 0);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->count, 10U);
  EXPECT_TRUE((*row)[0]);
  EXPECT_FALSE((*row)[1]);
  EXPECT_TRUE((*row)[8]);
  EXPECT_TRUE((*row)[9]);
  EXPECT_TRUE((*find_stack_bits(view(kMap), 1))[1]);
}

TEST(StackMapTest, RowThatIsNotThere) {
  EXPECT_FALSE(find_stack_bits(view(kMap), 2));
  EXPECT_FALSE(find_stack_bits(view(kMap), -1));
}

TEST(StackMapTest, CutOff) {
  for (std::size_t size = 0; size < kMap.size(); ++size)
    EXPECT_FALSE(find_stack_bits(view(kMap).first(size), 1)) << size;
}

TEST(StackMapTest, NegativeAndHugeCounts) {
  EXPECT_FALSE(find_stack_bits(view({0xff, 0xff, 0xff, 0xff, 8, 0, 0, 0, 1}), 0));
  EXPECT_FALSE(find_stack_bits(view({1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1}), 0));
  EXPECT_FALSE(find_stack_bits(view({1, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 1}), 0));
}

TEST(StackMapTest, MapWithoutBitsFitsAnyIndex) {
  auto row = find_stack_bits(view({2, 0, 0, 0, 0, 0, 0, 0}), 5);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->count, 0U);
}

constexpr Address kRodata{0x1000};

// The masks begin at rodata + 0.
Bytes one_object(std::int32_t pointer_bytes) {
  Bytes table = {1,  0, 0, 0, 0, 0, 0, 0, 0xe0, 0xff, 0xff, 0xff,
                 32, 0, 0, 0, 0, 0, 0, 0, 0,    0,    0,    0};
  std::memcpy(table.data() + 16, &pointer_bytes, 4);
  return table;
}

TEST(StackObjectTest, PointersByMask) {
  Bytes mask = {0b0101};
  auto objects =
      parse_stack_objects(view(one_object(24)), ImageBytes::of(kRodata, view(mask)), kRodata);
  ASSERT_TRUE(objects);
  ASSERT_EQ(objects->size(), 1U);
  const StackObject& object = objects->front();
  EXPECT_EQ(object.offset, -32);
  EXPECT_EQ(object.size_bytes, 32U);
  EXPECT_EQ(object.pointer_offsets, (std::vector<std::uint32_t>{0, 16}));
  EXPECT_TRUE(object.exact);
}

TEST(StackObjectTest, PointersByGcProgram) {
  // Length, then "emit 3 bits: 0b110", end.
  Bytes program = {3, 0, 0, 0, 3, 0b110, 0};
  auto objects =
      parse_stack_objects(view(one_object(-24)), ImageBytes::of(kRodata, view(program)), kRodata);
  ASSERT_TRUE(objects);
  EXPECT_EQ(objects->front().pointer_offsets, (std::vector<std::uint32_t>{8, 16}));
  EXPECT_TRUE(objects->front().exact);
}

TEST(StackObjectTest, WithoutMaskEveryWordCounts) {
  auto objects = parse_stack_objects(view(one_object(24)), ImageBytes(), kRodata);
  ASSERT_TRUE(objects);
  EXPECT_EQ(objects->front().pointer_offsets, (std::vector<std::uint32_t>{0, 8, 16, 24}));
  EXPECT_FALSE(objects->front().exact);
}

TEST(StackObjectTest, CountBeyondTheTable) {
  Bytes table = one_object(24);
  table[0] = 2;
  EXPECT_FALSE(parse_stack_objects(view(table), ImageBytes(), kRodata));
  table[7] = 0xff;
  EXPECT_FALSE(parse_stack_objects(view(table), ImageBytes(), kRodata));
}

TEST(StackObjectTest, AbsurdSize) {
  Bytes table = one_object(24);
  table[15] = 0x7f;
  EXPECT_FALSE(parse_stack_objects(view(table), ImageBytes(), kRodata));
}

TEST(StackObjectTest, MoreThanAFrameCanHold) {
  Bytes object = one_object(24), table(8);
  object[15] = 1;  // 16 MB
  object[12] = object[13] = object[14] = 0;
  for (int i = 0; i < 5; ++i) table.insert(table.end(), object.begin() + 8, object.end());
  for (std::uint8_t count = 1; count <= 5; ++count) {
    table[0] = count;
    EXPECT_EQ(parse_stack_objects(view(table), ImageBytes(), kRodata).has_value(), count < 5);
  }
}

TEST(StackObjectTest, PointerBytesBeyondTheObject) {
  auto objects = parse_stack_objects(view(one_object(64)), ImageBytes(), kRodata);
  EXPECT_FALSE(objects && objects->front().exact);
}

}  // namespace
}  // namespace goshawk::goruntime
