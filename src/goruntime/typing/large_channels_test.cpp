// Channels written down byte by byte: each that is one, and each that only nearly is.
#include "goruntime/typing/large_channels.h"

#include <gtest/gtest.h>

#include "goruntime/testing/synthetic_descriptors.h"

namespace goshawk::goruntime {
namespace {

using snapshot::ObjectId;
using snapshot::Span;

constexpr facts::HchanFact kHchan = {.size_bytes = 96,
                                     .qcount = 0,
                                     .dataqsiz = 8,
                                     .buf = 16,
                                     .elemsize = 24,
                                     .closed = 28,
                                     .elemtype = 32,
                                     .sendx = 40,
                                     .recvx = 48,
                                     .recvq_first = 56,
                                     .sendq_first = 72,
                                     .timer = std::nullopt};

// Objects 0: an hchan; 2: its buffer, behind a header; 4: an hchan with its buffer in it.
class LargeChannelsTest : public ::testing::Test, public SyntheticDescriptors {
 protected:
  static constexpr Address kChannel{0xc000000000}, kBuffer{0xc000010000}, kBoth{0xc000020000};
  static constexpr ObjectId kChannelId = 0, kBufferId = 2, kBothId = 4;

  LargeChannelsTest() {
    pointer = add_type("*main.job", 22, 8, 8);
    memory.write(pointer + 8, std::uint64_t{8});
    Address number = add_type("int64", 6, 8);
    memory.write(number + 8, std::uint64_t{0});
    objects = snapshot::Objects(
        {{.base = kChannel, .element_size_bytes = 96, .slots = 1},
         {.base = kBuffer, .element_size_bytes = 9472, .slots = 1},
         {.base = kBoth, .element_size_bytes = 8192, .slots = 1, .noscan = true}});
    objects.allocated[0] = 0b10101;
    memory.map(kChannel, 96);
    memory.map(kBoth, 8192);
    // 9,472 is the slot for 9,000 bytes and a header; 8,192 for 96 and 8,000.
    write(kChannel, {3, 1125, (kBuffer + 8).value(), 8, pointer.value(), 1, 1123});
    write(kBoth, {1000, 1000, (kBoth + 96).value(), 8, number.value(), 20, 20});
  }
  struct Words {
    std::uint64_t qcount, dataqsiz, buf, elemsize, elemtype, sendx, recvx;
  };
  void write(Address at, const Words& words) {
    memory.write(at, words.qcount);
    memory.write(at + 8, words.dataqsiz);
    memory.write(at + 16, words.buf);
    memory.write(at + 24, words.elemsize);
    memory.write(at + 32, words.elemtype);
    memory.write(at + 40, words.sendx);
    memory.write(at + 48, words.recvx);
  }
  std::vector<LargeChannel> read() {
    PageCache cache(memory);
    TypeReader types(cache, AddressRange{kTypes, kTypes + kBytes});
    std::vector<TypeSightings::Around> around = {{.from = kChannelId,
                                                  .to = kBufferId,
                                                  .word = 2,
                                                  .known = true,
                                                  .value = (kBuffer + 8).value()}};
    return read_large_channels(memory, types, kHchan, {objects, around, header_bytes});
  }
  std::vector<ObjectId> channels() {
    std::vector<ObjectId> found;
    for (const LargeChannel& one : read()) found.push_back(one.fill.channel);
    return found;
  }

  Address pointer;
  snapshot::Objects objects;
  std::vector<std::uint8_t> header_bytes = {0, 8, 0};
};

const std::vector<ObjectId> kAll = {0, 4}, kOnlyBoth = {4};

TEST_F(LargeChannelsTest, WithAndWithoutPointers) {
  auto found = read();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].element, pointer);
  EXPECT_EQ(found[0].fill, (snapshot::ChannelFill{.channel = kChannelId,
                                                  .buffer = kBufferId,
                                                  .length = 3,
                                                  .capacity = 1125,
                                                  .element_bytes = 8}));
  EXPECT_EQ(found[1].fill, (snapshot::ChannelFill{.channel = kBothId,
                                                  .buffer = kBothId,
                                                  .length = 1000,
                                                  .capacity = 1000,
                                                  .element_bytes = 8}));
}

TEST_F(LargeChannelsTest, ClosedOnesSaySo) {
  memory.write(kChannel + 28, std::uint32_t{1});
  EXPECT_TRUE(read().at(0).fill.closed);
  memory.write(kChannel + 28, std::uint32_t{2});
  EXPECT_EQ(channels(), kOnlyBoth);
}

TEST_F(LargeChannelsTest, EveryWordHasToAgreeWithTheOthers) {
  EXPECT_EQ(channels(), kAll);
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> changes = {
      {0, 4},                 // more than lie between the two ends
      {0, 1126},              // more than there is room for
      {8, 0},                 // none at all
      {16, kBuffer.value()},  // not where a value begins
      {24, 16},               // larger elements
      {32, 0},                // of no type
      {40, 2},                // the ends
      {48, 1125},             //
  };
  for (auto [offset, value] : changes) {
    auto before = *memory.read_value<std::uint64_t>(kChannel + offset);
    memory.write(kChannel + offset, value);
    EXPECT_EQ(channels(), kOnlyBoth) << offset << " " << value;
    memory.write(kChannel + offset, before);
  }
}

TEST_F(LargeChannelsTest, TheBufferIsAsLargeAsItsElementsNeed) {
  for (std::uint64_t capacity : {1000, 1300, 1 << 30}) {
    write(kChannel, {0, capacity, (kBuffer + 8).value(), 8, pointer.value(), 0, 0});
    EXPECT_EQ(channels(), kOnlyBoth) << capacity;
  }
  std::uint64_t overflows = std::uint64_t{1} << 61;
  write(kChannel, {0, overflows, (kBuffer + 8).value(), 8, pointer.value(), 0, 0});
  EXPECT_EQ(channels(), kOnlyBoth);
  write(kChannel, {0, 1100, (kBuffer + 8).value(), 8, pointer.value(), 0, 0});
  EXPECT_EQ(channels(), kAll);
}

TEST_F(LargeChannelsTest, AFreeSlotIsNone) {
  objects.allocated[0] = 0b00101;
  EXPECT_EQ(channels(), std::vector<ObjectId>{0});
}

TEST_F(LargeChannelsTest, WhatCannotBeReadIsNone) {
  objects = snapshot::Objects(
      {{.base = kChannel, .element_size_bytes = 96, .slots = 1},
       {.base = kBuffer, .element_size_bytes = 9472, .slots = 1},
       {.base = Address(0xc000030000), .element_size_bytes = 8192, .slots = 1, .noscan = true}});
  objects.allocated[0] = 0b10101;
  EXPECT_EQ(channels(), std::vector<ObjectId>{0});
}

}  // namespace
}  // namespace goshawk::goruntime
