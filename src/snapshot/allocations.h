// What the program allocated, as its runtime's memory profiler has sampled it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "snapshot/objects.h"
#include "snapshot/stacks.h"

namespace goshawk::snapshot {

// Sampled allocations of one size by one stack. Counts of samples: a reader scales them.
struct AllocationRecord {
  StackId stack = 0;  // from the first frame outside of the runtime
  std::uint64_t size_bytes = 0;
  std::uint64_t allocated = 0;  // since the program's start
  std::uint64_t freed = 0;      // of them; never more

  bool operator==(const AllocationRecord&) const = default;
};

// An object that was sampled when it was allocated.
struct SampledObject {
  ObjectId object = kNone;
  std::uint32_t record = 0;  // in Allocations::records

  bool operator==(const SampledObject&) const = default;
};

struct Allocations {
  bool known = false;
  std::string why_unknown;       // two sentences for a reader: what is missing ...
  std::string remedy;            // ... and what to do; both empty: nobody asked for them
  std::uint64_t rate_bytes = 0;  // runtime.MemProfileRate: one sample in so many; 0: switched off
  std::vector<AllocationRecord> records;  // as the runtime lists them, the newest stack first
  std::vector<SampledObject> sampled;     // by object; with the types of all objects only

  bool operator==(const Allocations&) const = default;
};

}  // namespace goshawk::snapshot
