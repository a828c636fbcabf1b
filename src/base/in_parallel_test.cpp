// Every piece is done once, whatever the number of threads; what one of them throws comes out.
#include "base/in_parallel.h"

#include <gtest/gtest.h>

#include <new>

namespace goshawk {
namespace {

TEST(InParallel, DoesEachPieceOnce) {
  for (std::size_t threads : {1U, 2U, 7U})
    for (std::size_t count : {0U, 1U, 2U, 5U, 1000U}) {
      std::vector<std::atomic<int>> done(count);
      in_parallel(count, [&](std::size_t i) { ++done[i]; }, threads);
      for (const std::atomic<int>& times : done) EXPECT_EQ(times, 1);
    }
}

TEST(InParallel, ThrowsTheFirstExceptionOnceAllHaveEnded) {
  for (std::size_t threads : {1U, 4U}) {
    std::atomic<int> at_work = 0, begun = 0;
    auto work = [&](std::size_t i) {
      ++at_work;
      ++begun;
      if (i == 3) {
        --at_work;
        throw std::bad_alloc();
      }
      --at_work;
    };
    EXPECT_THROW(in_parallel(100'000, work, threads), std::bad_alloc);
    EXPECT_EQ(at_work, 0);
    EXPECT_GE(begun, 4);                     // those before it had begun
    EXPECT_TRUE(threads > 1 || begun == 4);  // several may do the rest before one has thrown
  }
}

}  // namespace
}  // namespace goshawk
