// Whatever the sizes of chunks, and however full of pointers they are, there is room, and no two
// threads write at the same place.
#include "goruntime/heap/edge_space.h"

#include <gtest/gtest.h>

#include <random>

namespace goshawk::goruntime {
namespace {

struct Chunks {
  std::vector<std::uint64_t> words;
  std::uint64_t sum() const {
    std::uint64_t sum = 0;
    for (std::uint64_t one : words) sum += one + 1;
    return sum;
  }
};

// As the threads of the decoding do it, in turns.
void decode(const Chunks& chunks, std::size_t threads, std::uint64_t percent_pointers) {
  constexpr std::uint64_t kUsed = 1000;
  std::uint64_t capacity = EdgeSpace::room_for(kUsed, chunks.sum(), threads);
  EdgeSpace space(capacity, kUsed);
  std::vector<EdgeSpace::Block> blocks(threads), written;
  for (std::size_t i = 0; i < chunks.words.size(); ++i) {
    EdgeSpace::Block& block = blocks[i % threads];
    std::uint64_t needed = chunks.words[i] + 1;
    if (block.size() < needed) {
      space.give_back(block);
      block = space.take(needed);
    }
    ASSERT_GE(block.size(), needed) << "chunk " << i << " of " << chunks.words[i] << " words";
    ASSERT_LE(block.end, capacity);
    std::uint64_t edges = chunks.words[i] * percent_pointers / 100;
    written.push_back({block.begin, block.begin + edges});
    block.begin += edges;
  }
  EXPECT_LE(space.top(), capacity);
  std::ranges::sort(written, {}, &EdgeSpace::Block::begin);
  std::uint64_t end = kUsed;
  for (const EdgeSpace::Block& block : written) {
    ASSERT_GE(block.begin, end);
    end = block.end;
  }
}

TEST(EdgeSpace, HasRoomForArraysOfOneSizeThatAreFullOfPointers) {
  for (std::uint64_t words : {70'000, 140'000, 600'000, 1'100'000, 2'000'000, 2'200'000, 9'000'000})
    for (std::size_t threads : {1U, 2U, 4U, 8U})
      for (std::uint64_t percent : {0U, 50U, 80U, 100U})
        decode({std::vector<std::uint64_t>(200, words)}, threads, percent);
}

TEST(EdgeSpace, HasRoomForChunksOfAllSizes) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Chunks chunks;
    for (int i = 0; i < 300; ++i)
      chunks.words.push_back(random() % 4 == 0 ? random() % 3'000'000 : random() % 65'537);
    decode(chunks, 1 + random() % 8, random() % 101);
  }
}

}  // namespace
}  // namespace goshawk::goruntime
