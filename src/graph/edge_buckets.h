// Edges between numbers, gathered in any order, given back sorted by target from the largest to the
// smallest: one bucket for each 32,768 targets, sorted by itself when its turn comes and let go
// after. So predecessors are there when they are needed, and never all of them in a table.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/reserved_array.h"

namespace goshawk::graph {

class EdgeBuckets {
 public:
  static constexpr std::uint32_t kTargetBits = 15;  // of them its counters fit in a core's cache
  static constexpr std::uint32_t kTargets = 1U << kTargetBits;

  void add(std::uint32_t from, std::uint32_t to) {
    std::uint32_t bucket = to >> kTargetBits;
    if (bucket >= tails_.size() || tails_[bucket].at == tails_[bucket].end) grow(bucket);
    *tails_[bucket].at++ = {from, to & (kTargets - 1)};
  }

  // The edges to targets [bucket * kTargets ..): those to the k-th of them are
  // from[begin[k]] .. from[begin[k + 1]]. Until the next call.
  struct Sorted {
    const std::uint32_t* begin;  // kTargets + 1
    std::span<const std::uint32_t> from;
  };
  Sorted take(std::uint32_t bucket);

 private:
  struct Entry {
    std::uint32_t from, to;
  };
  struct Tail {
    Entry* at = nullptr;
    Entry* end = nullptr;
  };
  static constexpr std::uint32_t kChunkEntries = 8192;
  using Chunk = ReservedArray<Entry>;

  void grow(std::uint32_t bucket);
  template <typename Visit>
  void visit(std::uint32_t bucket, Visit&& visit) const;

  std::vector<Tail> tails_;
  std::vector<std::vector<Chunk>> chunks_;
  std::vector<std::uint32_t> begin_;
  std::vector<std::uint32_t> from_;
};

}  // namespace goshawk::graph
