#include "base/growing_array.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace goshawk {
namespace {

TEST(GrowingArray, HoldsWhatIsPutIntoIt) {
  GrowingArray<int> array;
  EXPECT_TRUE(array.empty());
  for (int i = 0; i < 1000; ++i) array.push_back(i);
  std::vector<int> more = {7, 8};
  array.append(more);
  array.append({});
  ASSERT_EQ(array.size(), 1002u);
  EXPECT_EQ(array[999], 999);
  EXPECT_EQ(array.back(), 8);
  array.resize(1003, 5);
  EXPECT_EQ(array[1002], 5);
  array.resize(2);
  EXPECT_EQ(std::vector<int>(array.begin(), array.end()), (std::vector<int>{0, 1}));
}

TEST(GrowingArray, CopiesAndMoves) {
  GrowingArray<int> one;
  one.push_back(1);
  GrowingArray<int> copy = one;
  one[0] = 2;
  EXPECT_EQ(copy[0], 1);
  copy = std::move(one);
  EXPECT_EQ(copy[0], 2);
}

TEST(GrowingArray, TakesAnElementOfItsOwn) {
  GrowingArray<int> array;
  array.push_back(3);
  for (int i = 0; i < 100; ++i) array.push_back(array[0]);
  EXPECT_EQ(array.back(), 3);
}

}  // namespace
}  // namespace goshawk
