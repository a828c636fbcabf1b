// runtime.bucket and the memRecord behind it: what the memory profiler has counted for one stack
// and one size.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime::facts {

struct MemoryBucketFact {
  static constexpr std::uint64_t kMemoryType = 1;     // bucket.typ: memProfile
  static constexpr std::uint64_t kMostFrames = 1024;  // maxProfStackDepth; 32 before 1.23

  std::uint32_t allnext = 0, typ = 0, hash = 0, size = 0, nstk = 0;
  std::uint32_t stack = 0;  // behind the header, then the record
  // In a record: one cycle that is published, three that are not.
  std::uint32_t active = 0, future = 0, cycles = 0, record_bytes = 0;
  // In a cycle.
  std::uint32_t cycle_bytes = 0, allocs = 0, frees = 0;
  std::optional<std::uint32_t> alloc_bytes, free_bytes;

  static Result<MemoryBucketFact> bind(const LayoutSource& layout);
};

// What stkbucket writes into bucket.hash.
std::uint64_t compute_bucket_hash(std::span<const std::uint64_t> stack, std::uint64_t size);

}  // namespace goshawk::goruntime::facts
