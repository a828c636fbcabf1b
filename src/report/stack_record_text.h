// A stack in the text of /debug/pprof/NAME?debug=1.
#pragma once

#include <string>

#include "snapshot/snapshot.h"

namespace goshawk::report {

// " 0x47b6c5 0x46f8c1": a word for each call that is not inlined.
void append_return_addresses(std::string& text, const snapshot::Snapshot& snapshot,
                             snapshot::StackId stack);
// A line for each call, inlined ones too.
void append_calls(std::string& text, const snapshot::Snapshot& snapshot, snapshot::StackId stack);

}  // namespace goshawk::report
