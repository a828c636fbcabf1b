// Masks of types: bits, programs, masks on demand, and types that lie.
#include "goruntime/heap/type_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "goruntime/heap/heap_test_image.h"

namespace goshawk::goruntime {
namespace {

using ::testing::ElementsAre;
using testing::Era;
using testing::SyntheticHeap;

constexpr std::uint8_t kOnDemand = 16;
constexpr std::uint64_t kRoom = 1 << 24;

class Masks : public ::testing::Test {
 protected:
  TypeMasks make(Era era, bool knows_in_progress = true) {
    auto fact = TypeDescriptorFact::bind(testing::make_layout(era));
    return TypeMasks(image.memory, *fact,
                     knows_in_progress ? std::optional(SyntheticHeap::kInProgress) : std::nullopt,
                     [](Address) { return true; });
  }
  static std::vector<std::uint64_t> pointers(const TypeMask* mask, std::uint64_t words) {
    std::vector<std::uint64_t> found;
    if (mask != nullptr)
      mask->for_each_pointer(0, words, [&](std::uint64_t word) { found.push_back(word); });
    return found;
  }
  // GCData becomes a slot that holds `mask`.
  Address put_on_demand(Address type, Address mask) {
    Address slot(0x900000 + slots_++ * 8);
    image.memory.put_word(slot, mask.value());
    image.memory.put_word(type + 32, slot.value());
    return type;
  }
  Address add_array(Address element, std::uint64_t element_bytes, std::uint64_t length) {
    Address type =
        image.add_type(element_bytes * length, element_bytes * length, {}, kKindArray, kOnDemand);
    image.memory.put_word(type + 48, element.value());
    image.memory.put_word(type + 64, length);
    return put_on_demand(type, Address());
  }

  SyntheticHeap image{Era::kGreenTea};
  std::uint64_t slots_ = 0;
};

TEST_F(Masks, BitsAreTiled) {
  auto masks = make(Era::kHeaders);
  const TypeMask* mask = masks.find(image.add_type(32, 24, {0b101}), kRoom);
  EXPECT_THAT(pointers(mask, 10), ElementsAre(0, 2, 4, 6, 8));
  std::vector<std::uint64_t> part;
  mask->for_each_pointer(3, 7, [&](std::uint64_t word) { part.push_back(word); });
  EXPECT_THAT(part, ElementsAre(4, 6));
}

TEST_F(Masks, AProgramIsRunAndItsLengthComesFirst) {
  auto masks = make(Era::kHeaders);
  // 2 bits "01", repeated 3 more times, end.
  Address type = image.add_type(64, 64, {5, 0, 0, 0, 0x02, 0b01, 0x82, 3, 0}, 25 | 0x40);
  EXPECT_THAT(pointers(masks.find(type, kRoom), 8), ElementsAre(0, 2, 4, 6));
}

TEST_F(Masks, TheUnrolledDummyOf122HasBits) {
  auto masks = make(Era::kHeaders);
  EXPECT_THAT(pointers(masks.find(image.add_type(16, 16, {0b10}, 0, 16), kRoom), 2),
              ElementsAre(1));
}

TEST_F(Masks, OneBuiltOnDemandIsRead) {
  auto masks = make(Era::kGreenTea);
  Address bits(0x910000);
  image.memory.put_word(bits, 0b110);
  Address type = put_on_demand(image.add_type(24, 24, {}, kKindStruct, kOnDemand), bits);
  EXPECT_THAT(pointers(masks.find(type, kRoom), 3), ElementsAre(1, 2));
}

TEST_F(Masks, OneNotBuiltIsWalked) {
  Address pair = image.add_type(16, 8, {1});
  Address array = add_array(pair, 16, 3);
  image.memory.put_word(array + 8, 40);  // the last element's scalar does not count
  Address outer =
      put_on_demand(image.add_type(64, 64, {}, kKindStruct, kOnDemand), SyntheticHeap::kInProgress);
  Address fields(0x920000), scalar = image.add_type(8, 0, {});
  Address pointer = image.add_type(8, 8, {1}, 22);
  struct {
    Address type;
    std::uint64_t offset;
  } parts[] = {{scalar, 0}, {array, 8}, {pointer, 56}};
  for (std::size_t i = 0; i < 3; ++i) {
    image.memory.put_word(fields + i * 24, 0);
    image.memory.put_word(fields + i * 24 + 8, parts[i].type.value());
    image.memory.put_word(fields + i * 24 + 16, parts[i].offset);
  }
  image.memory.put_word(outer + 56, fields.value());
  image.memory.put_word(outer + 64, 3);
  for (bool knows_in_progress : {true, false}) {
    auto masks = make(Era::kGreenTea, knows_in_progress);
    EXPECT_THAT(pointers(masks.find(outer, kRoom), 8), ElementsAre(1, 3, 5, 7));
  }
}

TEST_F(Masks, WhatCannotBeReadIsNoMask) {
  auto masks = make(Era::kGreenTea);
  EXPECT_EQ(masks.find(Address(0), kRoom), nullptr);
  EXPECT_EQ(masks.find(Address(0x500004), kRoom), nullptr);
  EXPECT_EQ(masks.find(Address(0x7777777777770000), kRoom), nullptr);
  Address no_mask = image.add_type(16, 16, {});
  image.memory.put_word(no_mask + 32, 0x7777777777770000);
  EXPECT_EQ(masks.find(no_mask, kRoom), nullptr);
  EXPECT_EQ(masks.find(image.add_type(16, 24, {1}), kRoom), nullptr);
  EXPECT_EQ(masks.find(image.add_type(0, 0, {1}), kRoom), nullptr);
  EXPECT_EQ(masks.find(image.add_type(16, 16, {1}, 31), kRoom), nullptr);
}

TEST_F(Masks, ATypeThatContainsItselfEnds) {
  Address self = add_array(Address(), 16, 1);
  image.memory.put_word(self + 48, self.value());
  auto masks = make(Era::kGreenTea);
  EXPECT_EQ(masks.find(self, kRoom), nullptr);
}

// Fields on top of each other, level upon level: each would be walked as often as there are ways.
TEST_F(Masks, AStructOfOverlappingPartsIsRefused) {
  constexpr std::uint64_t kFields = 1000;
  Address part = image.add_type(64, 64, {0xff});
  for (std::uint64_t level = 0; level < 3; ++level) {
    Address fields = Address(0x2000000) + level * 0x10000;
    for (std::uint64_t i = 0; i < kFields; ++i)
      image.memory.put_word(fields + i * 24 + 8, part.value());
    image.memory.map(fields, kFields * 24);
    part = put_on_demand(image.add_type(64, 64, {}, kKindStruct, kOnDemand), Address());
    image.memory.put_word(part + 56, fields.value());
    image.memory.put_word(part + 64, kFields);
  }
  auto masks = make(Era::kGreenTea);
  EXPECT_EQ(masks.find(part, kRoom), nullptr);
}

TEST_F(Masks, AnArrayWhoseLengthLiesIsRefused) {
  Address pointer = image.add_type(8, 8, {1}, 22);
  Address array = add_array(pointer, 8, 4);
  image.memory.put_word(array + 64, std::uint64_t{1} << 61);
  auto masks = make(Era::kGreenTea);
  EXPECT_EQ(masks.find(array, kRoom), nullptr);
}

TEST_F(Masks, ALargerRoomLaterIsEnough) {
  auto masks = make(Era::kHeaders);
  Address type = image.add_type(1024, 8, {1});
  EXPECT_EQ(masks.find(type, 512), nullptr);
  EXPECT_NE(masks.find(type, 1024), nullptr);
  EXPECT_EQ(masks.find(type, 512), nullptr);
}

}  // namespace
}  // namespace goshawk::goruntime
