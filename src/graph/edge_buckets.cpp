// Counting sort of one bucket. Chunks come from the kernel one by one, so that what is let go is
// free at once.
#include "graph/edge_buckets.h"

#include <utility>

namespace goshawk::graph {

void EdgeBuckets::grow(std::uint32_t bucket) {
  if (bucket >= tails_.size()) {
    tails_.resize(bucket + std::size_t{1});
    chunks_.resize(tails_.size());
  }
  Chunk& chunk = chunks_[bucket].emplace_back(kChunkEntries);
  tails_[bucket] = {chunk.data(), chunk.data() + kChunkEntries};
}

template <typename Visit>
void EdgeBuckets::visit(std::uint32_t bucket, Visit&& visit) const {
  for (const Chunk& chunk : chunks_[bucket]) {
    const Entry* last =
        &chunk == &chunks_[bucket].back() ? tails_[bucket].at : chunk.data() + kChunkEntries;
    for (const Entry* entry = chunk.data(); entry != last; ++entry) visit(*entry);
  }
}

EdgeBuckets::Sorted EdgeBuckets::take(std::uint32_t bucket) {
  begin_.assign(kTargets + std::size_t{1}, 0);
  if (bucket >= chunks_.size()) return {begin_.data(), {}};
  // begin_[k + 1] counts k's edges, then is where they begin, then (each taking its place) end.
  visit(bucket, [&](const Entry& entry) { ++begin_[entry.to + 1]; });
  std::uint32_t total = 0;
  for (std::uint32_t k = 1; k <= kTargets; ++k) total += std::exchange(begin_[k], total);
  from_.resize(total);
  visit(bucket, [&](const Entry& entry) { from_[begin_[entry.to + 1]++] = entry.from; });
  chunks_[bucket].clear();
  tails_[bucket] = {};
  return {begin_.data(), from_};
}

}  // namespace goshawk::graph
