// Which other leaked goroutines have the channel that a group waits for: they are the ones that did
// not send, receive or close, and are often leaked before it.
#pragma once

#include <set>
#include <span>
#include <vector>

#include "analyses/goroutines/lock_holders.h"
#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// members: of each group. Of each, who else has what it waits for.
std::vector<std::set<GoroutineIndex>> find_channel_referrers(
    const snapshot::Snapshot& snapshot, const std::vector<std::vector<GoroutineIndex>>& members);

// members: of each finding. A sentence of evidence in those that are proven.
void tell_channel_referrers(const snapshot::Snapshot& snapshot,
                            const std::vector<std::vector<GoroutineIndex>>& members,
                            std::span<findings::Finding> findings);

}  // namespace goshawk::analyses::goroutines
