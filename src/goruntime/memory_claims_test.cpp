#include "goruntime/memory_claims.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

namespace goshawk::goruntime {
namespace {

using snapshot::MemoryPart;
using ::testing::ElementsAre;
using ::testing::Pair;

AddressRange range(std::uint64_t start, std::uint64_t end) {
  return {Address(start), Address(end)};
}

std::vector<std::pair<MemoryPart, std::uint64_t>> shares(const MemoryClaims& claims,
                                                         AddressRange of) {
  std::vector<std::pair<MemoryPart, std::uint64_t>> pieces;
  claims.share_out(of, MemoryPart::kOtherAnonymous,
                   [&](MemoryPart part, std::uint64_t bytes) { pieces.emplace_back(part, bytes); });
  return pieces;
}

TEST(MemoryClaims, WhatWasClaimedFirstStays) {
  MemoryClaims claims;
  claims.add({range(10, 20), range(30, 40)}, MemoryPart::kSpans);
  claims.add({range(0, 100)}, MemoryPart::kFreePages);
  EXPECT_THAT(shares(claims, range(5, 35)),
              ElementsAre(Pair(MemoryPart::kFreePages, 5), Pair(MemoryPart::kSpans, 10),
                          Pair(MemoryPart::kFreePages, 10), Pair(MemoryPart::kSpans, 5)));
}

TEST(MemoryClaims, NobodysIsOtherwise) {
  MemoryClaims claims;
  EXPECT_THAT(shares(claims, range(1, 9)), ElementsAre(Pair(MemoryPart::kOtherAnonymous, 8)));
  claims.add({range(4, 6), range(7, 7), range(9, 8)}, MemoryPart::kRuntime);
  EXPECT_THAT(shares(claims, range(1, 9)),
              ElementsAre(Pair(MemoryPart::kOtherAnonymous, 3), Pair(MemoryPart::kRuntime, 2),
                          Pair(MemoryPart::kOtherAnonymous, 3)));
}

// Against one byte after the other.
TEST(MemoryClaims, AgreeWithTheMeaningOnRandomRanges) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    MemoryClaims claims;
    std::map<std::uint64_t, MemoryPart> owner;
    for (MemoryPart part : {MemoryPart::kStacks, MemoryPart::kSpans, MemoryPart::kFreePages}) {
      std::vector<AddressRange> ranges;
      for (int i = 0; i < 4; ++i) {
        std::uint64_t start = random() % 60, end = start + random() % 15;
        ranges.push_back(range(start, end));
        for (std::uint64_t at = start; at < end; ++at) owner.try_emplace(at, part);
      }
      claims.add(ranges, part);
    }
    std::map<MemoryPart, std::uint64_t> expected, got;
    for (std::uint64_t at = 10; at < 70; ++at)
      ++expected[owner.contains(at) ? owner[at] : MemoryPart::kOtherAnonymous];
    for (auto [part, bytes] : shares(claims, range(10, 70))) got[part] += bytes;
    ASSERT_EQ(got, expected) << round;
  }
}

}  // namespace
}  // namespace goshawk::goruntime
