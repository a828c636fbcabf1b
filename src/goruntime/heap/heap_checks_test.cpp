// What the heap's checks say of an image that is true, and of images that lie: the fact is named.
#include <gtest/gtest.h>

#include <algorithm>

#include "goruntime/heap/heap_test_image.h"

namespace goshawk::goruntime {
namespace {

using snapshot::Binding;
using snapshot::Standing;
using testing::Era;
using testing::SyntheticHeap;

constexpr int kSpans = 40;

class HeapChecks : public ::testing::Test {
 protected:
  HeapChecks() {
    for (int i = 0; i < kSpans; ++i)
      bases.push_back(image.add({.elemsize = 64, .sizeclass = 6, .freeindex = 3}));
  }
  Binding find(std::string_view fact) const {
    auto found = std::ranges::find(image.bindings, fact, &Binding::fact);
    EXPECT_NE(found, image.bindings.end()) << fact;
    return found == image.bindings.end() ? Binding{} : *found;
  }
  void expect(std::string_view fact, std::uint64_t passed, Standing standing) {
    Binding binding = find(fact);
    EXPECT_EQ(binding.passed, passed) << fact;
    EXPECT_EQ(binding.checked, kSpans) << fact;
    EXPECT_EQ(binding.standing, standing) << fact;
    EXPECT_EQ(binding.how, "synthetic");
  }
  std::string error() {
    auto heap = image.read();
    EXPECT_FALSE(heap);
    return heap ? "" : describe(heap.error());
  }

  SyntheticHeap image{Era::kGreenTea};
  std::vector<Address> bases;
};

TEST_F(HeapChecks, HoldForATrueImage) {
  ASSERT_TRUE(image.read());
  expect("runtime.heapArena.spans", kSpans, Standing::kHolds);
  expect("runtime.mspan", kSpans, Standing::kHolds);
  EXPECT_EQ(find("runtime.specialfinalizer.fn").standing, Standing::kUntried);
}

TEST_F(HeapChecks, OneOddSpanIsNoFailure) {
  image.set_field(5, "nelems", 60000);
  ASSERT_TRUE(image.read());
  expect("runtime.mspan", kSpans - 1, Standing::kMostly);
  expect("runtime.heapArena.spans", kSpans, Standing::kHolds);
}

TEST_F(HeapChecks, SpansThatContradictThemselves) {
  for (int i = 0; i < 15; ++i) image.set_field(static_cast<std::size_t>(i), "sweepgen", 77);
  EXPECT_NE(error().find("runtime.mspan"), std::string::npos);
  // Most are sound, but 15 are more than any program shows: it failed whatever the counts say.
  expect("runtime.mspan", kSpans - 15, Standing::kFailed);
  expect("runtime.heapArena.spans", kSpans, Standing::kHolds);
}

TEST_F(HeapChecks, ArenasThatNameOtherSpans) {
  for (int i = 0; i < 15; ++i)
    image.add_at(bases[static_cast<std::size_t>(i)],
                 {.npages = 1, .elemsize = 64, .nelems = 1, .state = 0});
  EXPECT_NE(error().find("runtime.heapArena.spans"), std::string::npos);
  expect("runtime.heapArena.spans", kSpans - 15, Standing::kFailed);
  expect("runtime.mspan", kSpans, Standing::kHolds);
}

TEST_F(HeapChecks, CountsThatContradictTheirBits) {
  for (int i = 0; i < 30; ++i) image.set_field(static_cast<std::size_t>(i), "allocCount", 50);
  EXPECT_NE(error().find("runtime.mspan.allocBits"), std::string::npos);
  Binding bits = find("runtime.mspan.allocBits");
  EXPECT_EQ(bits.checked - bits.passed, 30u);
  EXPECT_EQ(bits.standing, Standing::kFailed);
}

TEST_F(HeapChecks, AFinalizerThatLeadsNowhere) {
  Address special(0x800000);
  image.memory.map(special, 64);
  image.memory.put_word(special + 8, 0);
  image.memory.put(special + 16, std::uint8_t{2});  // a finalizer, in 1.25 and later
  image.memory.put_word(special + 24, 0x1234560);
  image.set_field(0, "specials", special.value());
  EXPECT_NE(error().find("runtime.specialfinalizer.fn"), std::string::npos);
  Binding finalizers = find("runtime.specialfinalizer.fn");
  EXPECT_EQ(finalizers.checked, 1u);
  EXPECT_EQ(finalizers.passed, 0u);
  EXPECT_EQ(finalizers.standing, Standing::kFailed);
}

}  // namespace
}  // namespace goshawk::goruntime
