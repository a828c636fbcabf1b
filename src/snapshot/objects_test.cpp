// Numbering and finding, with a dummy number after each span.
#include "snapshot/objects.h"

#include <gtest/gtest.h>

namespace goshawk::snapshot {
namespace {

Objects two_kinds() {
  return Objects({{.base = Address(0x1000), .element_size_bytes = 16, .slots = 3},
                  {.base = Address(0x4000), .element_size_bytes = 100, .slots = 2},
                  {.base = Address(0x2000), .element_size_bytes = 8, .slots = 4, .noscan = true}});
}

TEST(Objects, NumbersAreGivenBySpanWithOneSpare) {
  Objects objects = two_kinds();
  EXPECT_EQ(objects.spans()[0].first, 0u);
  EXPECT_EQ(objects.spans()[1].first, 4u);
  EXPECT_EQ(objects.spans()[2].first, 7u);
  EXPECT_EQ(objects.count(), 12u);
  EXPECT_EQ(objects.row_count(), 7u);  // noscan objects have no row
}

TEST(Objects, AnyByteOfAnObjectFindsIt) {
  Objects objects = two_kinds();
  EXPECT_EQ(objects.find(Address(0x1000)), 0u);
  EXPECT_EQ(objects.find(Address(0x102f)), 2u);
  EXPECT_EQ(objects.find(Address(0x4064)), 5u);
  EXPECT_EQ(objects.find(Address(0x2018)), 10u);
}

TEST(Objects, NothingIsFoundBetweenAndBeyond) {
  Objects objects = two_kinds();
  for (std::uint64_t address :
       {0x0ULL, 0xfffULL, 0x1030ULL, 0x40c8ULL, 0x2020ULL, 0x3fffULL, ~0ULL})
    EXPECT_EQ(objects.find(Address(address)), std::nullopt) << std::hex << address;
}

TEST(Objects, AddressesLeadBack) {
  Objects objects = two_kinds();
  for (ObjectId object : {0u, 1u, 2u, 4u, 5u, 7u, 10u})
    EXPECT_EQ(objects.find(objects.address(object)), object);
  EXPECT_EQ(objects.size_bytes(5), 100u);
}

TEST(Objects, AllocationIsABitForEachNumber) {
  Objects objects = two_kinds();
  objects.allocated[0] = 0b100'0010;
  EXPECT_FALSE(objects.is_allocated(0));
  EXPECT_TRUE(objects.is_allocated(1));
  EXPECT_TRUE(objects.is_allocated(6));
  EXPECT_FALSE(objects.is_allocated(12));
  EXPECT_FALSE(objects.is_allocated(0xffffffff));
}

}  // namespace
}  // namespace goshawk::snapshot
