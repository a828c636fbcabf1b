// Copies stay what they are while others come and go.
#include "target/page_store.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

namespace goshawk::target {
namespace {

TEST(PageStore, HoldsWhatWasAddedUntilItIsRemoved) {
  PageStore store;
  std::map<std::uint64_t, int> expected;
  std::mt19937 random(1);
  auto fill = [&](std::uint64_t page, int value) {
    std::memset(store.add(page), value, kPageBytes);
    expected[page] = value;
  };
  // It grows over several blocks, and shrinks to none: twice.
  for (int step = 0; step < 12'000; ++step) {
    bool grows = step / 3000 % 2 == 0;
    std::uint64_t page = random() % 2000;
    if (random() % 8 == 0 ? !grows : grows) {
      fill(page, static_cast<int>(random() % 256));
    } else if (!expected.empty()) {
      auto gone = expected.lower_bound(page);
      if (gone == expected.end()) gone = expected.begin();
      store.remove(gone->first);
      EXPECT_EQ(store.find(gone->first), nullptr);
      expected.erase(gone);
    }
    if (step % 100 != 0) continue;
    ASSERT_EQ(store.size_bytes(), expected.size() * kPageBytes);
    for (const auto& [number, value] : expected) {
      const std::byte* copy = store.find(number);
      ASSERT_NE(copy, nullptr);
      ASSERT_EQ(std::to_integer<int>(copy[0]), value);
      ASSERT_EQ(std::to_integer<int>(copy[kPageBytes - 1]), value);
    }
  }
  // Many at once, whether they are there or not; the others stay.
  std::vector<std::uint64_t> gone;
  for (std::uint64_t page = 0; page < 2000; ++page) {
    if (page % 3 == 0) fill(page, static_cast<int>(page % 256));
    if (page % 7 != 0) gone.push_back(page);
  }
  store.let_go_of(gone);
  for (std::uint64_t page : gone) EXPECT_EQ(store.find(page), nullptr);
  for (std::uint64_t page = 0; page < 2000; page += 21)
    EXPECT_EQ(std::to_integer<int>(*store.find(page)), static_cast<int>(page % 256));
  fill(7, 9);
  EXPECT_EQ(std::to_integer<int>(*store.find(7)), 9);
}

}  // namespace
}  // namespace goshawk::target
