#include "goruntime/read_ahead.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace goshawk::goruntime {
namespace {

std::vector<int> use_all(int count) {
  int next = 0;
  std::vector<int> used;
  read_ahead<int>([&] { return next < count; }, [&](int& batch) { batch = next++; },
                  [&](int batch) { used.push_back(batch); });
  return used;
}

TEST(ReadAhead, EachBatchIsUsedOnceAndInOrder) {
  EXPECT_EQ(use_all(0), std::vector<int>{});
  EXPECT_EQ(use_all(1), std::vector<int>{0});
  EXPECT_EQ(use_all(5), (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(ReadAhead, WhatIsThrownInEitherIsThrownOn) {
  int next = 0;
  auto read = [&](int& batch) { batch = next++; };
  auto fail = [](int) { throw std::runtime_error("no memory"); };
  EXPECT_THROW(read_ahead<int>([&] { return next < 3; }, read, fail), std::runtime_error);
}

}  // namespace
}  // namespace goshawk::goruntime
