// Which lines of code allocated what a holder keeps, by the objects that the program's own runtime
// has sampled.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analyses/heap/holder_groups.h"
#include "findings/heap_holders.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// Of what group `holder` of `groups` retains, the lines with most first; none where nothing in it
// was sampled.
std::vector<findings::AllocatedIn> find_allocating_lines(const snapshot::Snapshot& snapshot,
                                                         const HolderGroups& groups,
                                                         std::uint32_t holder);

// Of these, by their place in Allocations::sampled, the same.
std::vector<findings::AllocatedIn> add_up_allocating_lines(const snapshot::Snapshot& snapshot,
                                                           std::span<const std::uint32_t> sampled);

}  // namespace goshawk::analyses::heap
