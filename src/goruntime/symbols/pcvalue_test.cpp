#include "goruntime/symbols/pcvalue.h"

#include <gtest/gtest.h>

#include <vector>

namespace goshawk::goruntime {
namespace {

std::int32_t at(const std::vector<std::uint8_t>& table, std::uint64_t pc, std::uint32_t offset = 1,
                std::uint32_t quantum = 1) {
  return find_pcvalue(std::as_bytes(std::span(table)), offset, pc, quantum);
}

// +1 (so 0) for 4 bytes, +8 for 10, -3 for 300.
const std::vector<std::uint8_t> kTable = {0, 2, 4, 16, 10, 5, 0xac, 0x02, 0};

TEST(PcvalueTest, ValueHoldsUpToTheEndOfItsRange) {
  EXPECT_EQ(at(kTable, 0), 0);
  EXPECT_EQ(at(kTable, 3), 0);
  EXPECT_EQ(at(kTable, 4), 8);
  EXPECT_EQ(at(kTable, 13), 8);
  EXPECT_EQ(at(kTable, 14), 5);
  EXPECT_EQ(at(kTable, 313), 5);
  EXPECT_EQ(at(kTable, 314), -1);
}

TEST(PcvalueTest, RangesAreInUnitsOfTheShortestInstruction) {
  EXPECT_EQ(at(kTable, 15, 1, 4), 0);
  EXPECT_EQ(at(kTable, 16, 1, 4), 8);
}

TEST(PcvalueTest, FirstDeltaOfZeroKeepsMinusOneAndGoesOn) {
  const std::vector<std::uint8_t> table = {0, 0, 4, 2, 4, 0};
  EXPECT_EQ(at(table, 2), -1);
  EXPECT_EQ(at(table, 5), 0);
}

TEST(PcvalueTest, OffsetZeroIsNoTable) { EXPECT_EQ(at(kTable, 0, 0), -1); }

TEST(PcvalueTest, OffsetBehindTheEnd) {
  EXPECT_EQ(at(kTable, 0, 9), -1);
  EXPECT_EQ(at(kTable, 0, 0xffffffff), -1);
}

TEST(PcvalueTest, CutOffTable) {
  for (std::size_t size = 0; size < kTable.size(); ++size) {
    std::vector<std::uint8_t> cut(kTable.begin(), kTable.begin() + size);
    EXPECT_EQ(at(cut, 1000), -1) << size;
  }
}

TEST(PcvalueTest, EndlessNumber) {
  std::vector<std::uint8_t> table(1000, 0xff);
  EXPECT_EQ(at(table, 5), -1);
  table.push_back(1);
  EXPECT_EQ(at(table, 5), -1);
}

TEST(PcvalueTest, RangesOfNoLengthEndWithTheTable) {
  std::vector<std::uint8_t> table(1001, 0);
  for (std::size_t i = 1; i < 1000; i += 2) table[i] = 2;
  EXPECT_EQ(at(table, 0), -1);
}

}  // namespace
}  // namespace goshawk::goruntime
