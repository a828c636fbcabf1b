#include "base/cycle_guard.h"

#include <gtest/gtest.h>

namespace goshawk {
namespace {

// Nodes 1 .. length; the last one leads back to `back_to`. The number of steps until that is seen.
std::uint64_t walk(std::uint64_t length, std::uint64_t back_to) {
  CycleGuard guard;
  std::uint64_t steps = 0;
  for (std::uint64_t at = 1; !guard.returns(Address(at)); at = at == length ? back_to : at + 1)
    ++steps;
  return steps;
}

TEST(CycleGuardTest, EveryCircleIsMetSoon) {
  for (std::uint64_t length = 1; length < 70; ++length)
    for (std::uint64_t back_to = 1; back_to <= length; ++back_to) {
      EXPECT_GE(walk(length, back_to), length);
      EXPECT_LE(walk(length, back_to), 3 * length);
    }
}

TEST(CycleGuardTest, AChainWithoutOneIsNotStopped) {
  CycleGuard guard;
  for (std::uint64_t at = 1; at < 10'000; ++at) EXPECT_FALSE(guard.returns(Address(at)));
}

}  // namespace
}  // namespace goshawk
