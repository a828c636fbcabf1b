// The array of all edges, while several threads write it: each takes a block at a time, large
// enough for all words of its chunk, and gives back what it cannot use.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace goshawk::goruntime {

class EdgeSpace {
 public:
  static constexpr std::uint64_t kMostEdges = 0xffffffff;  // rows are 32 bits wide

  // The first `used` edges are taken.
  EdgeSpace(std::uint64_t capacity, std::uint64_t used) : capacity_(capacity), top_(used) {}

  // A capacity that suffices, if there are no more than kMostEdges: chunks of `words` in all, what
  // is lost at the ends of blocks, and a block for each thread. Addresses cost nothing.
  static std::uint64_t room_for(std::uint64_t used, std::uint64_t words, std::size_t threads) {
    return std::min(used + words + words / 2 + 2 * kBlockEdges * (threads + 1), kMostEdges);
  }

  struct Block {
    std::uint64_t begin = 0, end = 0;
    std::uint64_t size() const { return end - begin; }
  };

  // An empty block: there is no room.
  Block take(std::uint64_t edges) {
    std::lock_guard lock(mutex_);
    for (Block& block : returned_)
      if (block.size() >= edges) return std::exchange(block, {});
    // Who needs much, an array of pointers, takes no more: what is left of a block then, half of it
    // perhaps, would be lost each time, and a heap of such arrays has no room for that.
    std::uint64_t size = edges > kBlockEdges / 8 ? edges : kBlockEdges;
    if (capacity_ - top_ < size) return {};
    Block block{top_, top_ + size};
    top_ = block.end;
    return block;
  }

  std::uint64_t top() const { return top_; }

  void give_back(Block block) {
    if (block.size() < kBlockEdges / 16) return;
    std::lock_guard lock(mutex_);
    returned_.push_back(block);
  }

 private:
  static constexpr std::uint64_t kBlockEdges = 1 << 20;

  std::mutex mutex_;
  std::uint64_t capacity_;
  std::uint64_t top_;
  std::vector<Block> returned_;
};

}  // namespace goshawk::goruntime
