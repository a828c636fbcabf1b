// How much of the heap is in use by objects of each size: the few numbers of runtime.mspan, read
// while the process runs.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/facts/mheap.h"
#include "goruntime/facts/mspan.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct SizeClassUse {
  std::uint64_t slot_bytes = 0;  // 0: larger than any class, each in a span of its own
  std::uint64_t bytes = 0;       // of the slots that are taken
};

// Those that have any, by size. Garbage that is not swept yet counts, and of a span that a
// processor allocates from all slots do (mcache.refill takes them in advance). An error: the list
// of spans was being changed, or the process has ended.
Result<std::vector<SizeClassUse>> read_size_class_use(const target::Memory& memory,
                                                      const MheapFact& mheap,
                                                      const MspanFact& mspan, Address heap);

}  // namespace goshawk::goruntime
