// What is reused is what decoding everything once more would give: heaps written by hand change in
// all ways in which heaps do, at random, and each time both are done and compared object for
// object.
#include "goruntime/heap/reused_references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "goruntime/heap/heap.h"
#include "goruntime/heap/heap_test_image.h"

namespace goshawk::goruntime {
namespace {

using ::testing::ElementsAre;
using testing::Era;
using ::testing::IsEmpty;
using testing::row_of;
using testing::SyntheticHeap;

constexpr std::uint64_t kSpanBytes = 8192;

// A heap that is decoded again and again, as before a stop and in it.
class Ahead {
 public:
  explicit Ahead(SyntheticHeap& image) : image_(image) { decode(); }

  // `changed`: what is told to have been written since the last time.
  void decode(std::vector<AddressRange> changed = {}) {
    auto heap = image_.read();
    ASSERT_TRUE(heap) << describe(heap.error());
    ahead_.changed = target::PageRanges(std::move(changed));
    auto references = heap->decode_references({}, image_.doubts, nullptr, nullptr, &ahead_);
    ASSERT_TRUE(references) << describe(references.error());
    ahead_.heap.emplace(*std::move(heap));
    ahead_.references = *std::move(references);
  }
  std::vector<Address> row(Address object) const {
    return row_of(*ahead_.heap, ahead_.references, object);
  }
  const snapshot::References& references() const { return ahead_.references; }
  const Heap& heap() const { return *ahead_.heap; }

 private:
  SyntheticHeap& image_;
  DecodedAhead ahead_;
};

class ReusedReferencesOf : public ::testing::TestWithParam<Era> {};
INSTANTIATE_TEST_SUITE_P(Heap, ReusedReferencesOf,
                         ::testing::Values(Era::kTwoBit, Era::kOneBit, Era::kHeaders,
                                           Era::kGreenTea));

// Objects of 64 bytes whose first word is a pointer.
Address add_span(SyntheticHeap& image, std::uint64_t freeindex) {
  Address base = image.add({.elemsize = 64, .sizeclass = 6, .freeindex = freeindex});
  for (std::uint64_t slot = 0; slot < 100; ++slot)
    image.set_pointer(base, kSpanBytes, base + slot * 64);
  return base;
}

AddressRange page_of(Address address) {
  Address page(address.value() / target::kPageBytes * target::kPageBytes);
  return {page, page + target::kPageBytes};
}

TEST_P(ReusedReferencesOf, WhatIsNotToldToHaveChangedIsNotReadAgain) {
  SyntheticHeap image(GetParam());
  Address base = add_span(image, 3), other = add_span(image, 2);
  image.memory.put_word(base, (base + 64).value());
  image.memory.put_word(other, base.value());
  Ahead ahead(image);
  EXPECT_THAT(ahead.row(base), ElementsAre(base + 64));
  image.memory.put_word(base, (base + 128).value());
  image.memory.put_word(other, (base + 128).value());
  ahead.decode();
  EXPECT_THAT(ahead.row(base), ElementsAre(base + 64)) << "it was read again";
  ahead.decode({page_of(base)});
  EXPECT_THAT(ahead.row(base), ElementsAre(base + 128));
  EXPECT_THAT(ahead.row(other), ElementsAre(base)) << "it was read again";
  EXPECT_EQ(ahead.references().edge_count, 2U);
}

TEST_P(ReusedReferencesOf, ASlotThatWasFreedHasNoneAndOneThatWasAllocatedIsRead) {
  SyntheticHeap image(GetParam());
  Address base = add_span(image, 3);
  for (std::uint64_t slot : {0, 2}) image.memory.put_word(base + slot * 64, (base + 64).value());
  Ahead ahead(image);
  image.set_field(0, "freeindex", 2);
  image.set_field(0, "allocCount", 2);
  ahead.decode();
  EXPECT_THAT(ahead.row(base), ElementsAre(base + 64));
  EXPECT_THAT(ahead.row(base + 128), IsEmpty());
  image.set_field(0, "freeindex", 3);
  image.set_field(0, "allocCount", 3);
  ahead.decode();
  EXPECT_THAT(ahead.row(base + 128), ElementsAre(base + 64));
}

// The numbers of objects behind it are others, and who pointed to it points to nothing.
TEST_P(ReusedReferencesOf, ASpanThatWentIsPointedToByNobody) {
  SyntheticHeap image(GetParam());
  Address gone = add_span(image, 2), kept = add_span(image, 3);
  image.memory.put_word(kept, gone.value());
  image.memory.put_word(kept + 64, (kept + 128).value());
  Ahead ahead(image);
  EXPECT_THAT(ahead.row(kept), ElementsAre(gone));
  image.set_field(0, "state", 0);
  ahead.decode();
  EXPECT_THAT(ahead.row(kept), IsEmpty());
  EXPECT_THAT(ahead.row(kept + 64), ElementsAre(kept + 128));
}

// Nothing of the span itself was written, and yet its word leads to an object now.
TEST_P(ReusedReferencesOf, AWordThatLedNowhereMayLeadToANewSpan) {
  SyntheticHeap image(GetParam());
  Address base = add_span(image, 3);
  image.memory.put_word(base, (base + kSpanBytes).value());
  image.memory.put_word(base + 64, (base + 128).value());
  Ahead ahead(image);
  EXPECT_THAT(ahead.row(base), IsEmpty());
  Address fresh = add_span(image, 1);
  ASSERT_EQ(fresh, base + kSpanBytes);
  ahead.decode({{fresh, fresh + kSpanBytes}});
  EXPECT_THAT(ahead.row(base), ElementsAre(fresh));
  EXPECT_THAT(ahead.row(base + 64), ElementsAre(base + 128));
}

class ChangingHeap {
 public:
  ChangingHeap(SyntheticHeap& image, std::uint32_t seed) : image_(image), random_(seed) {
    for (int i = 0; i < 12; ++i) add();
    changed_.clear();
  }

  // What was written is told by the page, as the kernel does.
  std::vector<AddressRange> change() {
    changed_.clear();
    for (auto steps = 1 + random_() % 12; steps > 0; --steps) change_something();
    return changed_;
  }

 private:
  struct Made {
    Address base;
    std::uint64_t element_bytes = 0, slots = 0, freeindex = 0;
    bool noscan = false, alive = true;
  };

  Address anywhere() {
    const Made& span = spans_[random_() % spans_.size()];
    return span.base + random_() % (kSpanBytes + (random_() % 16 == 0 ? 4 * kSpanBytes : 0));
  }
  void write(Address word) {
    image_.memory.put_word(word, random_() % 4 == 0 ? 0 : anywhere().value());
    changed_.push_back(page_of(word));
  }
  Address word_of(const Made& span) {
    return span.base + random_() % span.slots * span.element_bytes + random_() % 2 * 8;
  }

  void add() {
    bool noscan = random_() % 5 == 0;
    std::uint64_t bytes = random_() % 2 == 0 ? 64 : 128;
    std::uint64_t slots = 56;
    std::uint64_t freeindex = random_() % (slots + 1);
    Address base = image_.add({.elemsize = bytes,
                               .nelems = slots,
                               .sizeclass = static_cast<std::uint8_t>(bytes == 64 ? 6 : 10),
                               .noscan = noscan,
                               .freeindex = freeindex});
    spans_.push_back({base, bytes, slots, freeindex, noscan, true});
    for (std::uint64_t slot = 0; slot < slots && !noscan; ++slot)
      for (std::uint64_t word : {0, 1}) {
        Address at = base + slot * bytes + word * 8;
        image_.set_pointer(base, kSpanBytes, at);
        write(at);
      }
    changed_.push_back({base, base + kSpanBytes});
  }

  void change_something() {
    std::size_t at = random_() % spans_.size();
    Made& span = spans_[at];
    switch (random_() % 8) {
      case 0:
        return add();
      case 1:
        span.alive = !span.alive;
        return image_.set_field(at, "state", span.alive ? 1 : 0);
      case 2:
      case 3:
        span.freeindex = random_() % (span.slots + 1);
        image_.set_field(at, "freeindex", span.freeindex);
        return image_.set_field(at, "allocCount", span.freeindex);
      default:
        if (!span.noscan) write(word_of(span));
    }
  }

  SyntheticHeap& image_;
  std::mt19937 random_;
  std::vector<Made> spans_;
  std::vector<AddressRange> changed_;
};

TEST_P(ReusedReferencesOf, IsWhatDecodingAllOfItAgainGives) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    SyntheticHeap image(GetParam());
    ChangingHeap changing(image, seed);
    Ahead ahead(image);
    for (int round = 0; round < 12; ++round) {
      ahead.decode(changing.change());
      auto heap = image.read();
      ASSERT_TRUE(heap) << describe(heap.error());
      auto different = heap->count_contradictions({}, ahead.references(), image.memory);
      ASSERT_TRUE(different);
      ASSERT_EQ(*different, 0U) << "seed " << seed << ", round " << round;
      auto all = heap->decode_references({}, image.doubts);
      ASSERT_TRUE(all);
      EXPECT_EQ(ahead.references().edge_count, all->edge_count);
    }
  }
}

}  // namespace
}  // namespace goshawk::goruntime
