// What a program allocated, estimated from the samples that its runtime took.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::snapshot {

struct AllocationAmount {
  std::int64_t objects = 0, bytes = 0;

  void add(const AllocationAmount& other);
};

struct AllocationEstimate {
  AllocationAmount allocated;  // since the program's start
  AllocationAmount in_use;     // of it, not freed yet

  void add(const AllocationEstimate& other);
};

// As runtime/pprof scales what it writes.
AllocationAmount scale_samples(std::uint64_t count, std::uint64_t size_bytes,
                               std::uint64_t rate_bytes);
AllocationEstimate estimate(const AllocationRecord& record, std::uint64_t rate_bytes);
AllocationEstimate estimate_total(const Allocations& allocations);

// All that one line of code allocated, by whatever way it was called.
struct AllocationSite {
  FrameId frame = kNone;      // kNone: its stack is not known
  StackId largest_stack = 0;  // the one that most of what is in use came by
  AllocationEstimate estimate;
};

// Those with most in use first; among equals, those that allocated most.
std::vector<AllocationSite> add_up_sites(const Snapshot& picture);

// The frames of an allocation's stack that a profile shows, innermost first.
std::vector<FrameId> allocation_frames(const Snapshot& picture, StackId stack);

}  // namespace goshawk::snapshot
