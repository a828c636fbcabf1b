// Pieces in any order, near and far from each other, whole and not.
#include "goruntime/joined_reads.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <vector>

#include "goruntime/testing/synthetic_memory.h"

namespace goshawk::goruntime {
namespace {

using Piece = target::Memory::Piece;

// Notes how many ranges it was asked for.
class CountingMemory : public target::Memory {
 public:
  explicit CountingMemory(const target::Memory& memory) : memory_(memory) {}
  Result<void> read(Address from, std::span<std::byte> into) const override {
    ++ranges;
    return memory_.read(from, into);
  }
  std::uint64_t bytes_read() const override { return 0; }

  mutable int ranges = 0;

 private:
  const target::Memory& memory_;
};

class JoinedReadsTest : public ::testing::Test {
 protected:
  JoinedReadsTest() {
    memory.map(Address(0x10000), 0x8000);
    for (std::uint64_t at = 0x10000; at < 0x18000; at += 8) memory.write(Address(at), at);
  }
  std::uint64_t word(const Piece& piece) const { return load_unchecked<std::uint64_t>(piece.into); }
  Piece piece(std::uint64_t at) {
    into_.push_back({});
    return {Address(at), into_.back().data(), 8, false};
  }

  SyntheticMemory memory;
  CountingMemory counting{memory};

 private:
  std::deque<std::array<std::byte, 8>> into_;
};

TEST_F(JoinedReadsTest, NeighboursInAnyOrderAreOneRead) {
  std::array pieces{piece(0x10900), piece(0x10000), piece(0x10500), piece(0x10504)};
  read_joined(counting, pieces);
  for (const Piece& piece : pieces) EXPECT_TRUE(piece.ok);
  EXPECT_EQ(word(pieces[0]), 0x10900U);
  EXPECT_EQ(word(pieces[1]), 0x10000U);
  EXPECT_EQ(word(pieces[2]), 0x10500U);
  EXPECT_EQ(word(pieces[3]) << 32 >> 32, 0x10500ULL >> 32);
  EXPECT_EQ(counting.ranges, 1);
}

TEST_F(JoinedReadsTest, WhatIsFarAwayIsReadApart) {
  std::array pieces{piece(0x10000), piece(0x14000)};
  read_joined(counting, pieces);
  EXPECT_TRUE(pieces[0].ok && pieces[1].ok);
  EXPECT_EQ(counting.ranges, 2);
}

TEST_F(JoinedReadsTest, OneThatIsNotThereTakesNoNeighbourAlong) {
  std::array pieces{piece(0x18004), piece(0x17ff0), piece(0x17000)};
  read_joined(memory, pieces);
  EXPECT_FALSE(pieces[0].ok);
  EXPECT_EQ(word(pieces[0]), 0U);
  EXPECT_TRUE(pieces[1].ok);
  EXPECT_EQ(word(pieces[1]), 0x17ff0U);
  EXPECT_EQ(word(pieces[2]), 0x17000U);
}

TEST_F(JoinedReadsTest, ALargeOneAndAnEmptyOneAreServedToo) {
  std::vector<std::byte> large(0x6000);
  std::array pieces{Piece{Address(0x11000), large.data(), large.size(), false},
                    Piece{Address(0x1), nullptr, 0, false}};
  read_joined(memory, pieces);
  EXPECT_TRUE(pieces[0].ok);
  EXPECT_EQ(load_unchecked<std::uint64_t>(large.data() + 0x5ff8), 0x16ff8U);
  EXPECT_TRUE(pieces[1].ok);
}

}  // namespace
}  // namespace goshawk::goruntime
