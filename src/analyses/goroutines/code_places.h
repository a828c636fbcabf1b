// A picture's frames as findings have them: text, without the picture's numbers.
#pragma once

#include <string>
#include <vector>

#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Without a function for kNone.
findings::CodePlace place_of(const snapshot::Snapshot& snapshot, snapshot::FrameId frame);
// "bank.go:40"
std::string line_text(const findings::CodePlace& place);
// For comparing, also between pictures: two inlined copies of one line are one, without addresses;
// type arguments stay, for two instances are two functions.
findings::CodePlace instance_of(const snapshot::Snapshot& snapshot, snapshot::FrameId frame);
// Innermost first, without the frames that a traceback of Go leaves out.
std::vector<findings::CodePlace> stack_of(const snapshot::Snapshot& snapshot,
                                          const snapshot::Goroutine& goroutine);

}  // namespace goshawk::analyses::goroutines
