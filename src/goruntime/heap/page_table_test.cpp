// Division by multiplication, and addresses that are none.
#include "goruntime/heap/page_table.h"

#include <gtest/gtest.h>

namespace goshawk::goruntime {
namespace {

constexpr Address kBase{0xc000000000};

TEST(PageTable, EveryOffsetOfEverySizeGoesToItsSlot) {
  for (std::uint64_t size = 8; size <= 32768; size += size < 1024 ? 8 : 128) {
    std::uint64_t npages = size <= 8192 ? 1 : 10;
    auto slots = static_cast<std::uint32_t>(npages * kPageBytes / size);
    PageTable pages({kBase, kBase + npages * kPageBytes});
    ASSERT_TRUE(pages.add_span(
        {.base = kBase, .element_size_bytes = size, .slots = slots, .first = 1000}, npages));
    for (std::uint64_t slot = 0; slot < slots; ++slot)
      for (std::uint64_t offset : {slot * size, slot * size + size - 1})
        ASSERT_EQ(pages.find(kBase + offset), 1000 + slot) << size << " " << offset;
    if (slots > 1 && slots * size < npages * kPageBytes) {
      EXPECT_FALSE(pages.find(kBase + slots * size)) << size;
    }
  }
}

TEST(PageTable, WordsThatPointNowhereAreNotValid) {
  PageTable pages({kBase, kBase + 4 * kPageBytes});
  ASSERT_TRUE(pages.add_span(
      {.base = kBase, .element_size_bytes = 2 * kPageBytes, .slots = 1, .first = 7}, 2));
  ASSERT_TRUE(pages.add_stack_pages(kBase + 2 * kPageBytes, 1));
  for (std::uint64_t word :
       {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}, kBase.value() - 1,
        kBase.value() + 3 * kPageBytes, kBase.value() + 2 * kPageBytes, std::uint64_t{1} << 63})
    EXPECT_FALSE(pages.resolve(word).valid) << word;
  EXPECT_EQ(pages.find(kBase + 2 * kPageBytes - 1), 7);
  EXPECT_TRUE(pages.is_stack_page(kBase + 2 * kPageBytes + 5));
  EXPECT_FALSE(pages.is_stack_page(kBase));
}

TEST(PageTable, RefusesWhatLiesOutsideOrOverlaps) {
  PageTable pages({kBase, kBase + 2 * kPageBytes});
  EXPECT_TRUE(
      pages.add_span({.base = kBase, .element_size_bytes = 64, .slots = 128, .first = 0}, 1));
  EXPECT_FALSE(
      pages.add_span({.base = kBase, .element_size_bytes = 64, .slots = 128, .first = 500}, 1));
  EXPECT_FALSE(pages.add_span(
      {.base = kBase + kArenaBytes, .element_size_bytes = 64, .slots = 128, .first = 900}, 1));
  EXPECT_FALSE(PageTable().find(kBase));
}

}  // namespace
}  // namespace goshawk::goruntime
