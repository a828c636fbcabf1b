// Which locks leaked goroutines wait for, who probably holds them, and the rings that these make.
#pragma once

#include <span>
#include <vector>

#include "analyses/goroutines/cost.h"
#include "analyses/goroutines/judgement.h"
#include "analyses/goroutines/lock_chains.h"
#include "findings/finding.h"
#include "snapshot/holding_path.h"

namespace goshawk::analyses::goroutines {

// Fills locks and ring of each finding and adds sentences to its evidence. members[i]: of
// findings[i]. describer: tells where locks in global variables lie; may be null.
void tell_locks(const Judgement& judgement, snapshot::PathDescriber* describer, const Fates& fates,
                const std::vector<std::vector<GoroutineIndex>>& members,
                std::span<findings::Finding> findings);

}  // namespace goshawk::analyses::goroutines
