// From which contexts the one was made that a goroutine waits for.
#pragma once

#include <string>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// One sentence; "" when it waits for no context that can still be told.
std::string describe_context_chain(const snapshot::Snapshot& snapshot,
                                   const snapshot::Goroutine& goroutine);

}  // namespace goshawk::analyses::goroutines
