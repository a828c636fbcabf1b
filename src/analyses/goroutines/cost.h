// What groups of goroutines cost in heap: the bytes that the collector would free if a group were
// gone. Exclusive: what a live goroutine, a global or another group holds too is not a group's own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

using GoroutineIndex = std::uint32_t;  // in Snapshot::goroutines

struct RetainedBytes {
  std::vector<std::uint64_t> of_groups;  // what each of them alone holds
  std::uint64_t shared =
      0;  // what several of them hold and nothing else does: in none of the above
};

// Who is in no group is there to stay. The picture must have references; no goroutine is in two
// groups.
RetainedBytes compute_retained_bytes(const snapshot::Snapshot& snapshot,
                                     std::span<const std::vector<GoroutineIndex>> groups);

}  // namespace goshawk::analyses::goroutines
