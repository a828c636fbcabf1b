// The heap from spans to rows of references, on heaps written by hand, one for each way in which
// releases keep pointer bits and allocation bits.
#include "goruntime/heap/heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "goruntime/heap/heap_test_image.h"

namespace goshawk::goruntime {
namespace {

using ::testing::ElementsAre;
using testing::Era;
using ::testing::IsEmpty;
using testing::row_of;
using testing::SpanSpec;
using testing::SyntheticHeap;

constexpr SpanSpec kSmall{.elemsize = 64, .sizeclass = 6};

SpanSpec with_freeindex(SpanSpec spec, std::uint64_t freeindex) {
  spec.freeindex = freeindex;
  return spec;
}

class EveryEra : public ::testing::TestWithParam<Era> {};
INSTANTIATE_TEST_SUITE_P(Heap, EveryEra,
                         ::testing::Values(Era::kTwoBit, Era::kOneBit, Era::kHeaders,
                                           Era::kGreenTea));

TEST_P(EveryEra, SmallObjectsPointToEachOther) {
  SyntheticHeap image(GetParam());
  Address base = image.add(with_freeindex(kSmall, 3));
  Address leaf = image.add({.elemsize = 16, .sizeclass = 2, .noscan = true, .freeindex = 1});
  image.set_pointer(base, 8192, base);  // object 0, word 0
  if (GetParam() == Era::kTwoBit) image.set_scan(base + 8);
  image.set_pointer(base, 8192, base + 16);               // object 0, word 2
  image.memory.put_word(base, (base + 64 + 9).value());   // an interior pointer to object 1
  image.memory.put_word(base + 8, (base + 128).value());  // not marked as a pointer
  image.memory.put_word(base + 16, leaf.value());

  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  auto references = heap->decode_references({}, image.doubts);
  ASSERT_TRUE(references);
  EXPECT_THAT(row_of(*heap, *references, base), ElementsAre(base + 64, leaf));
  EXPECT_THAT(row_of(*heap, *references, base + 64), IsEmpty());
  EXPECT_EQ(references->edge_count, 2);
  EXPECT_THAT(image.doubts, IsEmpty());
  EXPECT_THAT(heap->read_object_pointers(*heap->find(base)), ElementsAre(base + 73, leaf));
  EXPECT_FALSE(heap->objects().is_allocated(*heap->find(base + 192)));
  EXPECT_TRUE(heap->objects().spans()[1].tiny);
  EXPECT_TRUE(heap->objects().spans()[1].noscan);
}

TEST_P(EveryEra, FreeSlotsHaveNoRowWhateverTheirBitsSay) {
  SyntheticHeap image(GetParam());
  SpanSpec spec = with_freeindex(kSmall, 1);
  spec.allocated = {2};
  Address base = image.add(spec);
  for (std::uint64_t slot : {0, 1, 2}) {
    image.set_pointer(base, 8192, base + slot * 64);
    image.memory.put_word(base + slot * 64, base.value());
  }
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  auto references = heap->decode_references({}, image.doubts);
  EXPECT_THAT(row_of(*heap, *references, base), ElementsAre(base));
  EXPECT_THAT(row_of(*heap, *references, base + 64), IsEmpty());
  EXPECT_THAT(row_of(*heap, *references, base + 128), ElementsAre(base));
}

TEST_P(EveryEra, OverridesCutRowsAndTellWhatTheyCut) {
  SyntheticHeap image(GetParam());
  Address base = image.add(with_freeindex(kSmall, 3));
  for (std::uint64_t slot : {0, 1})
    for (std::uint64_t word : {0, 1}) {
      image.set_pointer(base, 8192, base + slot * 64 + word * 8);
      image.memory.put_word(base + slot * 64 + word * 8, (base + word * 64).value());
    }
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  snapshot::ObjectId first = *heap->find(base);
  RowOverrides overrides;
  overrides[first].cut_all = true;
  overrides[first + 1].cut_offsets = {8};
  std::vector<snapshot::References::Extra> cut;
  auto references = heap->decode_references(overrides, image.doubts, &cut);
  EXPECT_THAT(row_of(*heap, *references, base), IsEmpty());
  EXPECT_THAT(row_of(*heap, *references, base + 64), ElementsAre(base));
  EXPECT_EQ(cut, (std::vector<snapshot::References::Extra>{
                     {first, first}, {first, first + 1}, {first + 1, first + 1}}));
}

TEST(HeapOneBit, NothingFollowsTheEndMark) {
  SyntheticHeap image(Era::kOneBit);
  SpanSpec spec{.elemsize = 1024, .sizeclass = 20, .freeindex = 1};
  Address base = image.add(spec);
  image.set_pointer(base, 8192, base + 8);
  image.set_pointer(base, 8192, base + 64 * 8);  // a stale bit behind the mark
  image.set_no_more_pointers(base);
  image.memory.put_word(base + 8, base.value());
  image.memory.put_word(base + 64 * 8, base.value());
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  auto references = heap->decode_references({}, image.doubts);
  EXPECT_THAT(row_of(*heap, *references, base), ElementsAre(base));
}

class ArenaBits : public ::testing::TestWithParam<Era> {};
INSTANTIATE_TEST_SUITE_P(Heap, ArenaBits, ::testing::Values(Era::kTwoBit, Era::kOneBit));

// Both a span that is read whole and one that is read window by window.
TEST_P(ArenaBits, AnObjectAcrossTwoArenasHasItsBitsInBoth) {
  for (std::uint64_t pages : {4, 200}) {
    Address border(0xc004000000);
    SyntheticHeap image(GetParam(), border - 8192 * (pages / 2));
    Address base = image.add(
        {.npages = pages, .elemsize = pages * 8192, .nelems = 1, .sizeclass = 0, .freeindex = 1});
    if (GetParam() == Era::kTwoBit)
      for (std::uint64_t word = 0; word < pages * 1024; ++word) image.set_scan(base + word * 8);
    for (Address word : {base, border - 8, border, border + 8 * 5, base + (pages * 8192 - 8)}) {
      image.set_pointer(base, pages * 8192, word);
      image.memory.put_word(word, base.value());
    }
    auto heap = image.read();
    ASSERT_TRUE(heap) << describe(heap.error());
    auto references = heap->decode_references({}, image.doubts);
    EXPECT_THAT(row_of(*heap, *references, base), ElementsAre(base, base, base, base, base))
        << pages;
  }
}

TEST(HeapHeaders, ATypeIsTiledOverTheSlot) {
  SyntheticHeap image(Era::kHeaders);
  Address type = image.add_type(24, 16, {0b10});  // the second of three words
  Address base = image.add({.elemsize = 1024, .sizeclass = 20, .freeindex = 1});
  image.memory.put_word(base, type.value());
  for (std::uint64_t word = 1; word < 128; ++word)
    image.memory.put_word(base + word * 8, base.value());
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  auto references = heap->decode_references({}, image.doubts);
  EXPECT_EQ(row_of(*heap, *references, base).size(), 42);  // (1024 - 8) / 24
  EXPECT_THAT(image.doubts, IsEmpty());
}

TEST(HeapHeaders, AnUnbelievableTypeMeansEveryWord) {
  for (std::uint64_t header : {std::uint64_t{0}, std::uint64_t{0x500001},
                               std::uint64_t{0x123456789000}, ~std::uint64_t{7}}) {
    SyntheticHeap image(Era::kHeaders);
    Address base = image.add({.elemsize = 1024, .sizeclass = 20, .freeindex = 1});
    image.memory.put_word(base, header);
    image.memory.put_word(base + 1016, base.value());
    auto heap = image.read();
    ASSERT_TRUE(heap) << describe(heap.error());
    auto references = heap->decode_references({}, image.doubts);
    EXPECT_THAT(row_of(*heap, *references, base), ElementsAre(base));
    EXPECT_EQ(image.doubts.size(), 1);
    EXPECT_FALSE(image.proof_spoiled());
  }
}

TEST(HeapHeaders, ATypeLargerThanItsObjectIsNotBelieved) {
  SyntheticHeap image(Era::kHeaders);
  Address type = image.add_type(std::uint64_t{1} << 40, std::uint64_t{1} << 40, {1});
  Address base = image.add({.elemsize = 1024, .sizeclass = 20, .freeindex = 1});
  image.memory.put_word(base, type.value());
  image.memory.put_word(base + 512, base.value());
  auto heap = image.read();
  auto references = heap->decode_references({}, image.doubts);
  EXPECT_THAT(row_of(*heap, *references, base), ElementsAre(base));
}

TEST(HeapHeaders, LargeObjectsTakeTheirSpansType) {
  constexpr std::uint64_t kPages = 300;  // more than a window
  SyntheticHeap image(Era::kHeaders);
  Address array_of_pairs = image.add_type(16, 16, {0b10});
  Address base = image.add({.npages = kPages,
                            .elemsize = kPages * 8192,
                            .nelems = 1,
                            .sizeclass = 0,
                            .freeindex = 1,
                            .large_type = array_of_pairs});
  Address fresh =
      image.add({.npages = 5, .elemsize = 5 * 8192, .nelems = 1, .sizeclass = 0, .freeindex = 1});
  image.memory.put_word(base, base.value());  // not a pointer
  image.memory.put_word(base + 8, fresh.value());
  image.memory.put_word(base + (kPages * 8192 - 8), (fresh + 40000).value());
  image.memory.put_word(fresh, base.value());  // not initialised: no pointers
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  auto references = heap->decode_references({}, image.doubts);
  EXPECT_THAT(row_of(*heap, *references, base), ElementsAre(fresh, fresh));
  EXPECT_THAT(row_of(*heap, *references, fresh), IsEmpty());
  EXPECT_EQ(*heap->find(base + 1000000), *heap->find(base));
  EXPECT_THAT(heap->read_object_pointers(*heap->find(base)), ElementsAre(fresh, fresh + 40000));
}

TEST(HeapHeaders, UserArenaChunksAreScannedWordByWord) {
  SyntheticHeap image(Era::kHeaders);
  Address base = image.add({.npages = 8,
                            .elemsize = 8 * 8192 - 2048,
                            .nelems = 1,
                            .sizeclass = 0,
                            .freeindex = 1,
                            .user_arena = true});
  image.memory.put_word(base + 24, base.value());
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  auto references = heap->decode_references({}, image.doubts);
  EXPECT_THAT(row_of(*heap, *references, base), ElementsAre(base));
}

TEST(HeapAllocation, UnsweptSpansKeepWhatIsMarked) {
  SyntheticHeap image(Era::kGreenTea);
  SpanSpec spec = with_freeindex(kSmall, 10);
  spec.sweep_distance = -2;
  spec.marked = {1};
  spec.inline_marked = {4};
  Address base = image.add(spec);
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  std::vector<std::uint64_t> allocated;
  for (std::uint64_t slot = 0; slot < 10; ++slot)
    if (heap->objects().is_allocated(*heap->find(base + slot * 64))) allocated.push_back(slot);
  EXPECT_THAT(allocated, ElementsAre(1, 4));
}

// The sweeper has put new, empty mark bits in place and not yet said that it is done.
TEST(HeapAllocation, ASpanJustSweptKeepsItsNewAllocBits) {
  SyntheticHeap image(Era::kHeaders);
  SpanSpec spec = kSmall;
  spec.sweep_distance = -1;
  spec.allocated = {3};
  Address base = image.add(spec);
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  EXPECT_TRUE(heap->objects().is_allocated(*heap->find(base + 3 * 64)));
  EXPECT_FALSE(heap->objects().is_allocated(*heap->find(base)));
}

TEST(HeapAllocation, AFinalizerKeepsAnUnmarkedObject) {
  SyntheticHeap image(Era::kHeaders);
  SpanSpec spec = with_freeindex(kSmall, 4);
  spec.sweep_distance = -2;
  Address base = image.add(spec);
  Address special(0x800000);
  image.memory.map(special, 64);
  image.memory.put_word(special + 8, 2 * 64 + 8);
  image.memory.put<std::uint8_t>(special + 16, 1);
  image.add_function();
  image.memory.put_word(special + 24, SyntheticHeap::kFunction.value());
  image.set_field(0, "specials", special.value());
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  EXPECT_TRUE(heap->objects().is_allocated(*heap->find(base + 128)));
  EXPECT_FALSE(heap->objects().is_allocated(*heap->find(base)));
}

TEST(HeapAllocation, AWrongCountSpoilsAndManyAreMissing) {
  for (std::size_t wrong : {1, 40}) {
    SyntheticHeap image(Era::kHeaders);
    for (std::size_t i = 0; i < 100; ++i) {
      SpanSpec spec = kSmall;
      spec.allocated = {1, 2};
      if (i < wrong) spec.count = 7;
      image.add(spec);
    }
    auto heap = image.read();
    EXPECT_EQ(heap.has_value(), wrong == 1);
    if (heap) {
      EXPECT_TRUE(image.proof_spoiled());
    }
  }
}

TEST(HeapSpans, StackSpansAreKnownAndNoObjects) {
  SyntheticHeap image(Era::kHeaders);
  image.add(with_freeindex(kSmall, 1));
  Address stack = image.add({.npages = 4, .elemsize = 0x1000, .nelems = 1, .state = 2});
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  EXPECT_TRUE(heap->in_stack_span(stack + 30000));
  EXPECT_FALSE(heap->find(stack));
  EXPECT_FALSE(heap->in_stack_span(Address(0)));
  EXPECT_FALSE(heap->find(Address(~std::uint64_t{0})));
}

// mheap_.allspans names them in the order in which their descriptors were made, which is any.
TEST(HeapSpans, ScannableOnesComeFirstAndEachKindByAddress) {
  SyntheticHeap image(Era::kHeaders);
  constexpr std::uint64_t kSpans = 61;  // prime: all places are taken
  std::vector<Address> scannable, noscan;
  for (std::uint64_t i = 0; i < kSpans; ++i) {
    std::uint64_t place = i * 23 % kSpans;
    Address base = SyntheticHeap::kFirstPage + place * 8192;
    bool without = place % 3 == 0;
    image.add_at(base, {.elemsize = 64, .sizeclass = 6, .noscan = without, .freeindex = 1});
    (without ? noscan : scannable).push_back(base);
  }
  std::ranges::sort(scannable);
  std::ranges::sort(noscan);
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  std::vector<Address> expected = scannable, found;
  expected.insert(expected.end(), noscan.begin(), noscan.end());
  for (const snapshot::Span& span : heap->objects().spans()) {
    found.push_back(span.base);
    EXPECT_EQ(span.noscan, found.size() > scannable.size());
    EXPECT_TRUE(heap->objects().is_allocated(span.first));
    EXPECT_EQ(heap->find(span.base), span.first);
  }
  EXPECT_EQ(found, expected);
  EXPECT_THAT(image.doubts, IsEmpty());
}

TEST(HeapSpans, OneThatLiesAboutItselfIsLeftOutAndSpoils) {
  struct Lie {
    const char* field;
    std::uint64_t value;
  };
  for (Lie lie : {Lie{"nelems", 60000},
                  {"nelems", 0},
                  {"elemsize", 0},
                  {"elemsize", ~std::uint64_t{0}},
                  {"elemsize", 7},
                  {"npages", std::uint64_t{1} << 60},
                  {"npages", 0},
                  {"startAddr", 0xc000000001},
                  {"startAddr", 0},
                  {"freeindex", 5000},
                  {"allocCount", 999},
                  {"allocBits", 0},
                  {"sweepgen", 7},
                  {"spanclass", 0}}) {
    SyntheticHeap image(Era::kHeaders);
    Address good = image.add(with_freeindex(kSmall, 1));
    image.add(with_freeindex(kSmall, 1));
    image.set_field(1, lie.field, lie.value);
    auto heap = image.read();
    ASSERT_TRUE(heap) << lie.field << describe(heap.error());
    EXPECT_EQ(heap->objects().spans().size(), 1) << lie.field << lie.value;
    EXPECT_TRUE(heap->find(good));
    EXPECT_TRUE(image.proof_spoiled()) << lie.field;
  }
}

// Only large objects have spans of many pages.
TEST(HeapSpans, ASpanOfSmallObjectsAndManyPagesIsLeftOut) {
  SyntheticHeap image(Era::kOneBit);
  image.add(with_freeindex(kSmall, 1));
  image.add({.npages = 100, .elemsize = 64, .sizeclass = 6, .freeindex = 1});
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  EXPECT_EQ(heap->objects().spans().size(), 1);
  EXPECT_TRUE(image.proof_spoiled());
}

TEST(HeapSpans, AFreshSpanThatItsArenaDoesNotKnowYetIsNoDoubt) {
  SyntheticHeap image(Era::kHeaders);
  image.add(with_freeindex(kSmall, 1));
  Address fresh = image.add(kSmall);
  image.add_at(
      fresh,
      {.npages = 1, .elemsize = 0x1000, .nelems = 1, .state = 0});  // the arena names this one
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  EXPECT_EQ(heap->objects().spans().size(), 1);
  EXPECT_THAT(image.doubts, IsEmpty());
}

TEST(HeapSpans, ATableOfTheWrongReleaseIsMissing) {
  SyntheticHeap image(Era::kHeaders);
  for (int i = 0; i < 30; ++i) image.add(with_freeindex(kSmall, 1));
  image.layout.fields["runtime.heapArena.spans"].offset += 8;
  EXPECT_FALSE(image.read());
}

// What a table of default builds says of a build without allocation headers.
TEST(HeapSpans, TheShapeWithoutHeadersIsFoundByTheTarget) {
  SyntheticHeap image(Era::kOneBit);
  SpanSpec spec = with_freeindex(kSmall, 2);
  Address base = image.add(spec);
  image.set_pointer(base, 8192, base);
  image.memory.put_word(base, (base + 64).value());
  image.layout.fields["runtime.heapArena.spans"] = {0, 65536};
  image.layout.fields.erase("runtime.heapArena.bitmap");
  image.layout.fields.erase("runtime.heapArena.noMorePtrs");
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  auto references = heap->decode_references({}, image.doubts);
  EXPECT_THAT(row_of(*heap, *references, base), ElementsAre(base + 64));
}

TEST(HeapContents, AnUnreadablePageIsCountedAndSpoils) {
  SyntheticHeap image(Era::kHeaders);
  Address first = image.add(with_freeindex(kSmall, 2));
  Address second = image.add(with_freeindex(kSmall, 2));
  for (Address base : {first, second}) {
    image.set_pointer(base, 8192, base);
    image.memory.put_word(base, first.value());
  }
  image.memory.unmap_page(first + 4096);
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  EXPECT_FALSE(image.proof_spoiled());
  auto references = heap->decode_references({}, image.doubts);
  ASSERT_TRUE(references);
  EXPECT_TRUE(image.proof_spoiled());
  EXPECT_THAT(row_of(*heap, *references, second), ElementsAre(first));
}

TEST(HeapContents, SpansWithoutObjectsAndNoscanOnesAreNotRead) {
  SyntheticHeap image(Era::kHeaders);
  image.add(with_freeindex(kSmall, 1));
  Address empty = image.add({.elemsize = 64, .sizeclass = 6, .freeindex = 0});
  Address noscan = image.add({.elemsize = 64, .sizeclass = 6, .noscan = true, .freeindex = 9});
  image.memory.unmap_page(empty);
  image.memory.unmap_page(noscan);
  auto heap = image.read();
  ASSERT_TRUE(heap) << describe(heap.error());
  ASSERT_TRUE(heap->decode_references({}, image.doubts));
  EXPECT_THAT(image.doubts, IsEmpty());
}

}  // namespace
}  // namespace goshawk::goruntime
