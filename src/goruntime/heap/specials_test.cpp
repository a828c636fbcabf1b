// Lists of specials and the queues behind them, honest, torn and cyclic.
#include "goruntime/heap/specials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "goruntime/heap/heap_test_image.h"

namespace goshawk::goruntime {
namespace {

using ::testing::ElementsAre;
using testing::Era;
using ::testing::IsEmpty;
using testing::SyntheticHeap;

class Specials : public ::testing::Test {
 protected:
  // A function value, whose first word is code; a weak pointer's handle; a word that is neither.
  static constexpr Address kFunction = SyntheticHeap::kFunction, kHandle = kFunction + 8,
                           kNothing = kFunction + 16;
  Specials() {
    base = image.add({.elemsize = 64, .sizeclass = 6, .freeindex = 20});
    image.add_function();
    image.memory.put_word(kHandle, (base + 64 + 5).value());
  }

  Address add(std::uint64_t offset, std::uint8_t kind, std::vector<std::uint64_t> content) {
    Address special(0x800000 + 64 * count_++);
    image.memory.map(special, 64);
    image.memory.put_word(special + 8, offset);
    image.memory.put(special + 16, kind);
    for (std::size_t i = 0; i < content.size(); ++i)
      image.memory.put_word(special + 24 + i * 8, content[i]);
    if (last_.is_null())
      image.set_field(0, "specials", special.value());
    else
      image.memory.put_word(last_, special.value());
    last_ = special;
    return special;
  }
  std::vector<SpecialRecord> read(bool with_profile = false) {
    auto heap = image.read();
    EXPECT_TRUE(heap) << describe(heap.error());
    return *heap->read_specials(image.doubts, with_profile);
  }

  SyntheticHeap image{Era::kGreenTea};
  Address base;

 private:
  std::uint64_t count_ = 0;
  Address last_;
};

TEST_F(Specials, EachKindTellsWhatItHolds) {
  add(0, 2, {kFunction.value()});  // the numbers of 1.25 and later
  add(64 + 5, 3, {kHandle.value()});
  add(128, 4, {0xb1});
  add(128, 6, {});
  add(192, 7, {0xc1, kFunction.value(), 0xc3});
  add(256, 9, {0xdd});  // bubble: nothing that leads anywhere
  auto records = read();
  ASSERT_EQ(records.size(), 4);
  EXPECT_EQ(records[0].kind, SpecialRecord::Kind::kFinalizer);
  EXPECT_EQ(records[0].target, kFunction);
  EXPECT_EQ(records[1].kind, SpecialRecord::Kind::kWeakHandle);
  EXPECT_EQ(records[1].object, 1);
  EXPECT_EQ(records[1].target, kHandle);
  EXPECT_EQ(records[2].kind, SpecialRecord::Kind::kPinCounter);
  EXPECT_EQ(records[3].kind, SpecialRecord::Kind::kCleanup);
  EXPECT_EQ(records[3].target, kFunction);
  EXPECT_THAT(records[3].more, ElementsAre(Address(0xc1), Address(0xc3)));
  EXPECT_THAT(image.doubts, IsEmpty());
  EXPECT_EQ(read(true).size(), 5);
}

TEST_F(Specials, ACycleEndsAndSpoils) {
  Address first = add(64, 2, {kFunction.value()});
  add(64, 2, {kFunction.value()});
  Address third = add(64, 2, {kFunction.value()});
  image.memory.put_word(third, first.value());
  read();
  EXPECT_TRUE(image.proof_spoiled());
}

TEST_F(Specials, OffsetsThatFallOrLeaveTheSpanSpoil) {
  add(64, 2, {kFunction.value()});
  add(0, 2, {kFunction.value()});
  read();
  EXPECT_TRUE(image.proof_spoiled());
}

TEST_F(Specials, ANumberOfNoKindSpoils) {
  for (std::uint8_t kind : {std::uint8_t{0}, std::uint8_t{200}}) {
    add(64, kind, {});
    read();
    EXPECT_TRUE(image.proof_spoiled());
  }
}

TEST_F(Specials, OutsideOfTheSpan) {
  add(1 << 20, 2, {kFunction.value()});
  EXPECT_THAT(read(), IsEmpty());
  EXPECT_TRUE(image.proof_spoiled());
}

TEST_F(Specials, AnUnreadableOneSpoils) {
  Address special = add(64, 2, {kFunction.value()});
  image.memory.put_word(special, 0x7777777777770000);
  EXPECT_EQ(read().size(), 1);
  EXPECT_TRUE(image.proof_spoiled());
}

TEST_F(Specials, ManyOfOneObjectAreAllThere) {
  for (int i = 0; i < 3000; ++i) add(64, 7, {1, kFunction.value(), 3});
  EXPECT_EQ(read().size(), 3000);
  EXPECT_THAT(image.doubts, IsEmpty());
}

TEST_F(Specials, WhatLeadsToNoFunctionIsAnotherRecord) {
  for (std::uint64_t i = 0; i < 3; ++i) add(i * 64, 2, {kNothing.value()});
  auto heap = image.read();
  ASSERT_FALSE(heap);
  EXPECT_NE(describe(heap.error()).find("runtime.specialfinalizer.fn"), std::string::npos);
}

TEST_F(Specials, CleanupsSayNothingForFinalizers) {
  add(0, 2, {0});
  for (std::uint64_t i = 1; i < 9; ++i) add(i * 64, 7, {1, kFunction.value(), 3});
  EXPECT_FALSE(image.read());
}

TEST_F(Specials, AWeakPointerOfAnotherObjectIsAnotherRecord) {
  add(64, 3, {kHandle.value()});
  auto heap = image.read();
  ASSERT_FALSE(heap);
  EXPECT_NE(describe(heap.error()).find("runtime.specialWeakHandle.handle"), std::string::npos);
}

TEST_F(Specials, AHandleWhoseObjectDiedIsEmpty) {
  add(64, 3, {kNothing.value()});
  EXPECT_EQ(read().size(), 1);
  EXPECT_THAT(image.doubts, IsEmpty());
}

TEST_F(Specials, ASingleContradictionSpoils) {
  for (std::uint64_t i = 0; i < 5; ++i)
    add(i * 64, 2, {i == 3 ? kNothing.value() : kFunction.value()});
  EXPECT_EQ(read().size(), 5);
  EXPECT_TRUE(image.proof_spoiled());
}

class Queues : public ::testing::Test {
 protected:
  Queues() {
    heads.allfin = Address(0x900000);
    heads.finalizers = FinalizerQueueFact{
        .block_bytes = 4064, .alllink = 0, .count = 16, .entries = {24, 4040}, .entry_bytes = 40};
  }
  void put_block(Address block, Address next, std::uint32_t count, std::uint64_t first_word) {
    memory.map(block, 4096);
    memory.put_word(block, next.value());
    memory.put(block + 16, count);
    for (std::uint64_t i = 0; i < 505; ++i) memory.put_word(block + 24 + i * 8, first_word + i);
  }
  testing::SparseMemory memory;
  QueueHeads heads;
  std::vector<snapshot::Doubt> doubts;
};

TEST_F(Queues, EntriesInUseOfAllBlocks) {
  memory.put_word(Address(0x900000), 0xa00000);
  put_block(Address(0xa00000), Address(0xa01000), 1, 100);
  put_block(Address(0xa01000), Address(0), 0, 200);
  std::uint64_t word = 0;
  for (const QueuedPointer& queued : read_queue_pointers(memory, heads, doubts)) {
    EXPECT_EQ(queued.pointer, Address(100 + word));
    EXPECT_EQ(queued.finalizer, Address(0xa00000 + 24 + word * 8));
    ++word;
  }
  EXPECT_EQ(word, 5u);
  EXPECT_THAT(doubts, IsEmpty());
}

TEST_F(Queues, CleanupsAreToldFromFinalizers) {
  memory.put_word(Address(0x900000), 0);
  memory.put_word(Address(0x910008), 0xa00000);
  put_block(Address(0xa00000), Address(0), 2, 100);
  heads.has_cleanup_queue = true;
  heads.gc_cleanups = Address(0x910000);
  heads.cleanups = CleanupQueueFact{.all = 8,
                                    .block_bytes = 4064,
                                    .alllink = 0,
                                    .count = 16,
                                    .entries = {24, 4040},
                                    .entry_bytes = 8};
  auto queued = read_queue_pointers(memory, heads, doubts);
  ASSERT_EQ(queued.size(), 2u);
  EXPECT_EQ(queued[1].pointer, Address(101));
  EXPECT_TRUE(queued[1].finalizer.is_null());
  EXPECT_THAT(doubts, IsEmpty());
}

TEST_F(Queues, ACycleACountThatLiesOrAMissingHeadSpoil) {
  memory.put_word(Address(0x900000), 0xa00000);
  put_block(Address(0xa00000), Address(0), 102, 100);
  read_queue_pointers(memory, heads, doubts);
  EXPECT_EQ(doubts.size(), 1);
  put_block(Address(0xa00000), Address(0xa00000), 101, 100);
  EXPECT_LE(read_queue_pointers(memory, heads, doubts).size(), 3U * 505);
  EXPECT_EQ(doubts.size(), 2);
  heads.allfin.reset();
  read_queue_pointers(memory, heads, doubts);
  EXPECT_EQ(doubts.size(), 3);
}

}  // namespace
}  // namespace goshawk::goruntime
