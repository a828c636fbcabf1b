// What a heap will want, and what is said when that is too much.
#include "goruntime/memory_forecast.h"

#include <gtest/gtest.h>

#include <vector>

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kMegabyte = 1 << 20;

// A heap of objects of 64 bytes, in spans of 8 KB.
snapshot::Objects heap_of(std::uint64_t objects, bool noscan) {
  constexpr std::uint32_t kSlots = 128;
  std::vector<snapshot::Span> spans(objects / kSlots);
  for (std::size_t i = 0; i < spans.size(); ++i)
    spans[i] = {.base = Address(0xc000000000 + i * 8192),
                .element_size_bytes = 64,
                .slots = kSlots,
                .noscan = noscan};
  return snapshot::Objects(std::move(spans));
}

TEST(MemoryForecast, GrowsWithTheHeap) {
  std::uint64_t small = predict_memory_bytes(heap_of(1'000'000, false), 0, false);
  std::uint64_t large = predict_memory_bytes(heap_of(10'000'000, false), 0, false);
  EXPECT_GT(large, small + 100 * kMegabyte);
  EXPECT_GT(predict_memory_bytes(heap_of(10'000'000, false), 0, true), large + 200 * kMegabyte);
}

TEST(MemoryForecast, WhatHasNoPointersWantsLittle) {
  EXPECT_LT(predict_memory_bytes(heap_of(10'000'000, true), 0, false), 40 * kMegabyte);
}

TEST(MemoryForecast, GoroutinesCount) {
  EXPECT_GT(predict_memory_bytes(heap_of(128, false), 100'000, false),
            predict_memory_bytes(heap_of(128, false), 10, false) + 100 * kMegabyte);
}

TEST(MemoryForecast, ReadingAheadWantsMoreForEachObjectAndSpan) {
  std::uint64_t ahead = predict_bytes_ahead(heap_of(10'000'000, false), 0, 0);
  EXPECT_GT(ahead, 60 * kMegabyte);
  EXPECT_LT(ahead, predict_memory_bytes(heap_of(10'000'000, false), 0, false));
  EXPECT_LT(predict_bytes_ahead(heap_of(10'000'000, true), 0, 0), ahead - 30 * kMegabyte);
}

TEST(MemoryForecast, StacksAreKeptWhereItIsReadAhead) {
  std::uint64_t none = predict_bytes_ahead(heap_of(128, false), 0, 0);
  std::uint64_t many = predict_bytes_ahead(heap_of(128, false), 100'000, 200 * kMegabyte);
  EXPECT_GT(many, none + 240 * kMegabyte);
  EXPECT_LT(predict_bytes_ahead(heap_of(128, false), 0, 100'000 * kMegabyte), 600 * kMegabyte)
      << "as many as are kept";
}

TEST(MemoryForecast, TheLimitIsTold) {
  EXPECT_TRUE(check_memory(500 * kMegabyte, 500 * kMegabyte));
  auto checked = check_memory(501 * kMegabyte, 500 * kMegabyte);
  ASSERT_FALSE(checked);
  ASSERT_TRUE(std::holds_alternative<Missing>(checked.error()));
  EXPECT_EQ(std::get<Missing>(checked.error()).name,
            "this heap wants about 501MB of memory, more than --max-memory 500MB");
}

TEST(MemoryForecast, SoIsWhatTheMachineLacks) {
  EXPECT_TRUE(check_memory(kMegabyte, 0));
  auto checked = check_memory(std::uint64_t{1} << 60, 0);
  ASSERT_FALSE(checked);
  EXPECT_NE(std::get<Missing>(checked.error()).name.find("are left to goshawk"), std::string::npos);
}

}  // namespace
}  // namespace goshawk::goruntime
