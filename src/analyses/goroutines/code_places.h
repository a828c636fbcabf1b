// A picture's frames as findings have them: text, without the picture's numbers.
#pragma once

#include <vector>

#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Without a function for kNone.
findings::CodePlace place_of(const snapshot::Snapshot& snapshot, snapshot::FrameId frame);
// Innermost first, without the frames that a traceback of Go leaves out.
std::vector<findings::CodePlace> stack_of(const snapshot::Snapshot& snapshot,
                                          const snapshot::Goroutine& goroutine);

}  // namespace goshawk::analyses::goroutines
