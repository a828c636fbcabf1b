// From which contexts the one was made that a goroutine waits for.
#pragma once

#include <string>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// nullptr: it waits for no context that can still be told.
const snapshot::Context* context_waited_for(const snapshot::Snapshot& snapshot,
                                            const snapshot::Goroutine& goroutine);
// nullptr: the background context, or one that cannot be told.
const snapshot::Context* parent_of(const snapshot::Snapshot& snapshot,
                                   const snapshot::Context& context);

// One sentence; "" when it waits for no context that can still be told.
std::string describe_context_chain(const snapshot::Snapshot& snapshot,
                                   const snapshot::Goroutine& goroutine);

}  // namespace goshawk::analyses::goroutines
