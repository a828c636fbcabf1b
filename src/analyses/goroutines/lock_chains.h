// Of a goroutine that waits for a lock which is never unlocked (lock_verdicts.h): who has locked
// it, where, what that one waits for in turn, and so on to the one that never runs again.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "analyses/goroutines/lock_verdicts.h"
#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// What was decided of each goroutine: "proven leaked", "likely leaked", "parked for ever"; "" of
// one that is alive.
using Fates = std::vector<std::string_view>;

// From the one that the waiter waits for, to the end or once around.
std::vector<findings::LockHolding> chain_of(const snapshot::Snapshot& snapshot,
                                            const LockVerdicts& verdicts, const Fates& fates,
                                            GoroutineIndex waiter);

// A chain that ends where it has been already. Not of an empty one.
bool is_ring(const std::vector<findings::LockHolding>& chain);

// One sentence; "" for an empty chain.
std::string describe_chain(const std::vector<findings::LockHolding>& chain);

}  // namespace goshawk::analyses::goroutines
