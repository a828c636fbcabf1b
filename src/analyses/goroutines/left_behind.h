// Whether a goroutine has been left behind by the test that began it: asked of what goes on by
// itself and that nobody can end.
#pragma once

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Who began it has ended, or, of an example, has gone on to others. False where it is not known.
bool has_lost_its_starter(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);

// A test, fuzz test, benchmark or example began it, not TestMain nor an init function.
bool is_of_test(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);

// That began it in a sync.Once: it may be the one of the whole program, which no test has to end.
bool was_started_once(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);

}  // namespace goshawk::analyses::goroutines
