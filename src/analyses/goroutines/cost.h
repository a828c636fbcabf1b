// What groups of goroutines cost in heap: the bytes that the collector would free if a group were
// gone. Exclusive: what a live goroutine, a global or another group holds too is not a group's own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "findings/finding.h"
#include "snapshot/object_types.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

using GoroutineIndex = std::uint32_t;  // in Snapshot::goroutines

struct RetainedBytes {
  std::vector<std::uint64_t> of_groups;  // what each of them alone holds
  std::uint64_t shared =
      0;  // what several of them hold and nothing else does: in none of the above
  // As findings::Cost has them, a list for each group; empty where types could not be told.
  std::vector<std::vector<findings::TypeCost>> largest_types;
};

// Who is in no group is there to stay. The picture must have references; no goroutine is in two
// groups. `types` is asked only when something is retained; null: nobody tells them.
RetainedBytes compute_retained_bytes(const snapshot::Snapshot& snapshot,
                                     std::span<const std::vector<GoroutineIndex>> groups,
                                     snapshot::TypeTeller* types = nullptr);

}  // namespace goshawk::analyses::goroutines
