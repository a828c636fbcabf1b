// The memory profiler's buckets in a target's memory, each checked to be one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/facts/memory_bucket.h"
#include "goruntime/page_cache.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct MemoryBucket {
  Address address;
  Address next;    // null: it is the oldest
  Address record;  // its memRecord
  std::uint64_t size_bytes = 0;
  std::vector<std::uint64_t> stack;  // return addresses, innermost first
};

// Nothing when there is none at this address.
std::optional<MemoryBucket> read_memory_bucket(PageCache& cache,
                                               const facts::MemoryBucketFact& fact,
                                               Address address);

struct MemoryCounts {
  std::uint64_t allocs = 0, frees = 0;
  bool operator==(const MemoryCounts&) const = default;
};

struct CountedBucket {
  MemoryBucket bucket;
  MemoryCounts counts;
};

struct MemoryBuckets {
  std::vector<CountedBucket> all;  // the newest first
  bool changed = false;            // the counts are not all of one instant
};

// All that hang on `newest`, with what the runtime's own profile would say of each: what was
// published at the end of a collection; before the first one, all that was counted so far. The
// target may be running (`goes_on`): read again then until nothing changes meanwhile.
Result<MemoryBuckets> read_memory_buckets(const target::Memory& memory,
                                          const facts::MemoryBucketFact& fact, Address newest,
                                          bool goes_on);

}  // namespace goshawk::goruntime
