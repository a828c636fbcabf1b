// Lists of buckets, honest, torn and cyclic, in both shapes that releases have.
#include "goruntime/heap/memory_buckets.h"

#include <gtest/gtest.h>

#include "goruntime/testing/synthetic_buckets.h"

namespace goshawk::goruntime {
namespace {

using namespace synthetic;

TEST(MemoryBuckets, AreReadInEveryRelease) {
  for (const char* release : {"go1.19.13", "go1.20.14", "go1.21.13", "go1.22.12", "go1.23.12",
                              "go1.24.13", "go1.25.14", "go1.26.11", "go1.27.4"}) {
    SyntheticBuckets buckets(release);
    EXPECT_EQ(buckets.fact.cycles, 3U) << release;
    EXPECT_EQ(buckets.fact.alloc_bytes.has_value(), buckets.fact.cycle_bytes == 32) << release;
    buckets.add(16, {0x401000, 0x402000}, {7, 3});
    buckets.add(48, {0x403000}, {9, 9});
    auto read = buckets.read();
    ASSERT_TRUE(read) << release << describe(read.error());
    ASSERT_EQ(read->all.size(), 2U);
    EXPECT_EQ(read->all[0].bucket.size_bytes, 48U);
    EXPECT_EQ(read->all[1].bucket.stack, (std::vector<std::uint64_t>{0x401000, 0x402000}));
    EXPECT_EQ(read->all[1].counts, (MemoryCounts{7, 3}));
    EXPECT_FALSE(read->changed);
  }
}

TEST(MemoryBuckets, WhatIsNotPublishedCountsBeforeTheFirstCollectionOnly) {
  SyntheticBuckets buckets;
  buckets.add(16, {1}, {}, {Cycle{2, 0}, {3, 1}, {0, 1}});
  EXPECT_EQ(buckets.read()->all[0].counts, (MemoryCounts{5, 2}));
  buckets.add(32, {2}, {1, 0}, {Cycle{4, 0}, {}, {}});
  auto read = buckets.read();
  EXPECT_EQ(read->all[0].counts, (MemoryCounts{1, 0}));
  EXPECT_EQ(read->all[1].counts, (MemoryCounts{0, 0}));
}

TEST(MemoryBuckets, OnesThatRunAreReadUntilTheyAgree) {
  SyntheticBuckets buckets;
  buckets.add(16, {1}, {2, 1});
  auto read = buckets.read(true);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->changed);
}

TEST(MemoryBuckets, NoneAtAll) {
  auto read = SyntheticBuckets().read();
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->all.empty());
}

TEST(MemoryBuckets, AForeignHeaderIsNone) {
  SyntheticBuckets sound;
  Address at = sound.add(16, {1, 2, 3}, {1, 0});
  PageCache cache(sound.memory);
  EXPECT_TRUE(read_memory_bucket(cache, sound.fact, at));
  for (std::uint32_t field : {sound.fact.typ, sound.fact.hash, sound.fact.size, sound.fact.nstk}) {
    SyntheticBuckets buckets;
    buckets.add(16, {1, 2, 3}, {1, 0});
    buckets.memory.write(buckets.newest + field, std::uint64_t{2});
    EXPECT_FALSE(buckets.read()) << field;
  }
  EXPECT_FALSE(read_memory_bucket(cache, sound.fact, at + 4));
  EXPECT_FALSE(read_memory_bucket(cache, sound.fact, at + 8));
  EXPECT_FALSE(read_memory_bucket(cache, sound.fact, Address()));
  EXPECT_FALSE(read_memory_bucket(cache, sound.fact, Address(~std::uint64_t{7})));
}

TEST(MemoryBuckets, AStackThatIsTooDeepIsNone) {
  SyntheticBuckets buckets;
  buckets.add(16, std::vector<std::uint64_t>(1024, 5), {1, 0});
  EXPECT_TRUE(buckets.read());
  buckets.add(16, std::vector<std::uint64_t>(1025, 5), {1, 0});
  EXPECT_FALSE(buckets.read());
}

TEST(MemoryBuckets, ACircleEnds) {
  SyntheticBuckets buckets;
  Address oldest = buckets.add(16, {1}, {1, 0});
  for (std::uint64_t i = 2; i < 20; ++i) buckets.add(16, {i}, {1, 0});
  buckets.memory.write_pointer(oldest + buckets.fact.allnext, buckets.newest);
  EXPECT_FALSE(buckets.read());
}

TEST(MemoryBuckets, CountsThatContradictTheirBytesAreNotBelieved) {
  SyntheticBuckets freed("go1.27.4");
  freed.add(16, {1}, {1, 2});
  EXPECT_FALSE(freed.read());
  SyntheticBuckets bytes("go1.26.11");
  bytes.add(16, {1}, {4, 2});
  EXPECT_TRUE(bytes.read());
  Address record = bytes.newest + bytes.fact.stack + 8;
  bytes.memory.write(record + bytes.fact.active + *bytes.fact.alloc_bytes, std::uint64_t{63});
  EXPECT_FALSE(bytes.read());
}

TEST(MemoryBuckets, ARecordBehindReadableMemoryIsAnError) {
  SyntheticBuckets buckets;
  buckets.add(16, {1}, {1, 0});
  buckets.memory.write_pointer(buckets.newest + buckets.fact.allnext, kRoom + (1 << 16));
  EXPECT_FALSE(buckets.read());
}

}  // namespace
}  // namespace goshawk::goruntime
