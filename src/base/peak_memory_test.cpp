#include "base/peak_memory.h"

#include <gtest/gtest.h>

#include <vector>

namespace goshawk {
namespace {

TEST(PeakMemory, StaysWhenTheMemoryIsGivenBack) {
  constexpr std::size_t kBytes = 64 << 20;
  std::uint64_t before = read_peak_memory_bytes();
  {
    std::vector<char> touched(kBytes, 1);
    asm volatile("" : : "r"(touched.data()) : "memory");
  }
  EXPECT_GT(before, 0u);
  EXPECT_GE(read_peak_memory_bytes(), before);
  EXPECT_GE(read_peak_memory_bytes(), kBytes);
}

}  // namespace
}  // namespace goshawk
