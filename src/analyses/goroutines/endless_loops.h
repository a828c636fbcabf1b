// Loops without an exit: goroutines that a test began, that go on by themselves and that, by the
// code in which they stand, never end.
#pragma once

#include <vector>

#include "analyses/goroutines/proof.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Of each goroutine; empty: there is none.
std::vector<bool> find_endless_loops(const snapshot::Snapshot& snapshot, const Proof& proof);

// The function that never returns; kNone: it is no such loop.
snapshot::FrameId find_endless_frame(const snapshot::Snapshot& snapshot,
                                     const snapshot::Goroutine& goroutine);

}  // namespace goshawk::analyses::goroutines
