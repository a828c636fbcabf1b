// For tests: the memory profiler's buckets, as a release has them.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "goruntime/heap/memory_buckets.h"
#include "goruntime/layout/layout.h"
#include "goruntime/testing/synthetic_memory.h"

namespace goshawk::goruntime::synthetic {

inline constexpr Address kRoom{0x7f0000000000};
inline constexpr std::uint64_t kRoomBytes = 1 << 16;

// Of a memRecord.
struct Cycle {
  std::uint64_t allocs = 0, frees = 0;
};

class SyntheticBuckets {
 public:
  explicit SyntheticBuckets(std::string_view release = "go1.27.4")
      : layout(table_layout(parse_go_version(release).value(), "amd64").value()),
        fact(facts::MemoryBucketFact::bind(*layout).value()) {
    memory.map(kRoom, kRoomBytes);
  }

  // Becomes the newest.
  Address add(std::uint64_t size, const std::vector<std::uint64_t>& stack, Cycle active,
              std::array<Cycle, 3> future = {}) {
    Address at = next_place_;
    memory.write_pointer(at + fact.allnext, newest);
    memory.write(at + fact.typ, std::uint64_t{1});
    memory.write(at + fact.hash, facts::compute_bucket_hash(stack, size));
    memory.write(at + fact.size, size);
    memory.write(at + fact.nstk, std::uint64_t{stack.size()});
    for (std::size_t i = 0; i < stack.size(); ++i) memory.write(at + fact.stack + i * 8, stack[i]);
    Address record = at + fact.stack + stack.size() * 8;
    write(record + fact.active, size, active);
    for (std::size_t i = 0; i < 3; ++i)
      write(record + fact.future + i * fact.cycle_bytes, size, future[i]);
    next_place_ = record + fact.record_bytes;
    return newest = at;
  }

  Result<MemoryBuckets> read(bool goes_on = false) const {
    return read_memory_buckets(memory, fact, newest, goes_on);
  }

  std::unique_ptr<LayoutSource> layout;
  facts::MemoryBucketFact fact;
  SyntheticMemory memory;
  Address newest;

 private:
  void write(Address at, std::uint64_t size, const Cycle& cycle) {
    memory.write(at + fact.allocs, cycle.allocs);
    memory.write(at + fact.frees, cycle.frees);
    if (fact.alloc_bytes) memory.write(at + *fact.alloc_bytes, cycle.allocs * size);
    if (fact.free_bytes) memory.write(at + *fact.free_bytes, cycle.frees * size);
  }

  Address next_place_ = kRoom;
};

}  // namespace goshawk::goruntime::synthetic
