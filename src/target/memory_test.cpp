#include "target/memory.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace goshawk::target {
namespace {

// Bytes at 0, each the low byte of its address; counts what is asked for.
class CountingMemory : public Memory {
 public:
  explicit CountingMemory(std::uint64_t size_bytes) : size_bytes_(size_bytes) {}
  Result<void> read(Address from, std::span<std::byte> into) const override {
    largest = std::max(largest, into.size());
    if (from.value() + into.size() > size_bytes_) return fail(Fault{from, into.size(), "the end"});
    for (std::size_t i = 0; i < into.size(); ++i)
      into[i] = static_cast<std::byte>(from.value() + i);
    return {};
  }
  std::size_t read_pieces(std::span<Piece>) const override { return 0; }
  std::uint64_t bytes_read() const override { return 0; }

  mutable std::size_t largest = 0;

 private:
  std::uint64_t size_bytes_;
};

TEST(MemoryTest, ManyBytesAreReadInSteps) {
  CountingMemory memory(30 << 20);
  auto bytes = memory.read_bytes(Address(0), 30 << 20);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), 30U << 20);
  for (std::size_t i : {0U, (4U << 20) + 1, (30U << 20) - 1})
    EXPECT_EQ((*bytes)[i], static_cast<std::byte>(i));
  EXPECT_TRUE(memory.read_bytes(Address(0), 0)->empty());
}

TEST(MemoryTest, ACountThatLiesAllocatesNoMoreThanThereIs) {
  CountingMemory memory(1 << 20);
  EXPECT_FALSE(memory.read_bytes(Address(0), std::uint64_t{1} << 60));
  EXPECT_FALSE(memory.read_array<std::uint64_t>(Address(0), std::uint64_t{1} << 50));
  EXPECT_LE(memory.largest, 4U << 20);
}

}  // namespace
}  // namespace goshawk::target
