// What goes on, or can be woken from outside, though nobody can end it any more. Of test binaries
// only: elsewhere several pictures tell such ones, when they come and never end.
//   - loops that a ticker wakes: they wait for it in a select, and nobody else can reach any of the
//     other channels of that select. A cache that was dropped without its Close is the usual case:
//     its cleaner goes on for ever.
//   - servers that wait for connections (Accept): nobody else can reach the listener, to close it.
//   - sessions that are kept alive by a timer which ends none of them (known_timers.h).
#pragma once

#include <vector>

#include "analyses/goroutines/holders.h"
#include "analyses/goroutines/proof.h"
#include "analyses/goroutines/wake_graph.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Of each goroutine kTicker (such a loop), kListener (such a server), kKeptSession, kTickingOwner
// (only these can reach what it waits on) or kNone; empty: there is none of them. Costs a walk of
// the heap if there may be one, and another one if there may be a session.
std::vector<Holder> find_unstoppable_loops(const snapshot::Snapshot& snapshot,
                                           const WakeGraph& wakes, const Proof& proof);

}  // namespace goshawk::analyses::goroutines
