// Pools written down byte by byte, as package sync lays them out.
#include "goruntime/typing/pools.h"

#include <gtest/gtest.h>

#include "goruntime/testing/synthetic_descriptors.h"

namespace goshawk::goruntime {
namespace {

using snapshot::ObjectId;

// allPools at kAll with room for two; each pool has parts for two ps.
class PoolsTest : public ::testing::Test, public SyntheticDescriptors {
 protected:
  static constexpr Address kAll{0x600000}, kOld{0x600018}, kPool{0x600100}, kNew{0x600200};
  static constexpr std::uint64_t kSlot = 0x1000;
  // Each an object of its own; their ids are even numbers from 0 on.
  static constexpr Address kList{0xc000000000}, kLocal{0xc000001000}, kVictim{0xc000002000},
      kRing{0xc000003000}, kOlderRing{0xc000004000}, kSlots{0xc000005000}, kValue{0xc000006000};
  static constexpr ObjectId kLocalId = 2, kVictimId = 4, kValueId = 12;

  PoolsTest() {
    buffer = add_type("*main.buffer", 22, 8, 8);
    other = add_type("*main.other", 22, 8, 8);
    memory.map(kAll, 0x1000);
    std::vector<snapshot::Span> spans;
    for (Address at = kList; at <= kValue; at = at + kSlot) {
      memory.map(at, kSlot);
      spans.push_back({.base = at, .element_size_bytes = kSlot, .slots = 1});
    }
    objects = snapshot::Objects(spans);
    objects.allocated[0] = 0x1555;
    memory.write_pointer(kAll, kList);
    memory.write(kAll + 8, std::uint64_t{1});
    memory.write(kAll + 16, std::uint64_t{2});
    memory.write_pointer(kList, kPool);
    memory.write_pointer(kPool, kLocal);
    memory.write(kPool + 8, std::uint64_t{2});
  }
  void interface(Address at, Address type, Address value) {
    memory.write_pointer(at, type);
    memory.write_pointer(at + 8, value);
  }
  void ring(Address at, Address slots, std::uint64_t length, Address older) {
    memory.write_pointer(at + 8, slots);
    memory.write(at + 16, length);
    memory.write_pointer(at + 40, older);
  }
  UsedPools read() {
    PageCache cache(memory);
    TypeReader types(cache, AddressRange{kTypes, kTypes + kBytes});
    return read_listed_pools(memory, objects, types, std::array{kAll, kAll + 8, kOld});
  }

  Address buffer, other;
  snapshot::Objects objects;
};

TEST_F(PoolsTest, AValueAloneAndThoseInRings) {
  interface(kLocal, buffer, kValue);
  memory.write_pointer(kLocal + 128 + 16, kRing);  // the second p's
  ring(kRing, kSlots, 4, kOlderRing);
  ring(kOlderRing, kSlots + 64, 2, {});
  interface(kSlots + 16, buffer, kValue);
  interface(kSlots + 64, other, kNew);
  memory.write_pointer(kPool + 32, kNew);
  memory.write_pointer(kNew, Address(0x401000));
  UsedPools used = read();
  ASSERT_EQ(used.pools.size(), 1u);
  EXPECT_EQ(used.pools[0].fill,
            (snapshot::PoolFill{.pool = kPool, .local = kLocalId, .values = 3}));
  EXPECT_EQ(used.pools[0].type, buffer);
  EXPECT_EQ(used.pools[0].made_by, Address(0x401000));
  const std::vector<std::pair<ObjectId, Address>> values = {{kValueId, buffer}, {kValueId, buffer}};
  EXPECT_EQ(used.values, values);  // the third points to no object
}

TEST_F(PoolsTest, VictimsAreTheirOwnAndAPoolInBothListsIsOne) {
  memory.write_pointer(kOld, kList);
  memory.write(kOld + 8, std::uint64_t{1});
  memory.write(kOld + 16, std::uint64_t{1});
  memory.write_pointer(kPool + 16, kVictim);
  memory.write(kPool + 24, std::uint64_t{2});
  interface(kVictim + 128, other, kValue);
  UsedPools used = read();
  ASSERT_EQ(used.pools.size(), 1u);
  EXPECT_EQ(used.pools[0].fill.victim, kVictimId);
  EXPECT_EQ(used.pools[0].fill.values, 0u);
  EXPECT_EQ(used.pools[0].fill.victim_values, 1u);
  EXPECT_EQ(used.pools[0].type, other);
}

TEST_F(PoolsTest, VictimsThatAreSpentHaveNoPartsToLookAt) {
  memory.write_pointer(kPool + 16, kVictim);  // their number was set to nothing (getSlow)
  interface(kVictim, other, kValue);
  UsedPools used = read();
  ASSERT_EQ(used.pools.size(), 1u);
  EXPECT_EQ(used.pools[0].fill.victim, kVictimId);
  EXPECT_EQ(used.pools[0].fill.victim_values, 0u);
}

TEST_F(PoolsTest, WhatDoesNotAgreeIsNoPool) {
  ASSERT_EQ(read().pools.size(), 1u);
  memory.write(kPool + 8, std::uint64_t{33});  // more parts than there is room for
  EXPECT_TRUE(read().pools.empty());
  memory.write(kPool + 8, std::uint64_t{2});
  memory.write_pointer(kPool, Address(0x700000));  // in no object
  EXPECT_TRUE(read().pools.empty());
  memory.write_pointer(kPool, kLocal);
  memory.write(kAll + 8, std::uint64_t{3});  // longer than its capacity
  EXPECT_TRUE(read().pools.empty());
  memory.write(kAll + 8, std::uint64_t{1});
  memory.write_pointer(kList, Address(0x700000));  // cannot be read
  EXPECT_TRUE(read().pools.empty());
}

TEST_F(PoolsTest, RingsThatGoInACircleAndThoseThatAreNoneEnd) {
  memory.write_pointer(kLocal + 16, kRing);
  ring(kRing, kSlots, 4, kRing);
  interface(kSlots, buffer, kValue);
  EXPECT_LE(read().pools.at(0).fill.values, 3u);
  ring(kRing, kSlots, 3, {});  // no power of two
  EXPECT_EQ(read().pools.at(0).fill.values, 0u);
  ring(kRing, kSlots, 512, {});  // more than the object has room for
  EXPECT_EQ(read().pools.at(0).fill.values, 0u);
}

}  // namespace
}  // namespace goshawk::goruntime
