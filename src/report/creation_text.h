// Which lines of code made things, by those of them that were sampled.
#pragma once

#include <string>
#include <vector>

#include "findings/heap_holders.h"

namespace goshawk::report {

// "main.load (load.go:12)".
std::string code_place_text(const findings::CodePlace& place);

// "; created in main.poll (poll.go:30) (by 4 samples)"; "" where none was sampled. Told is the line
// in a module that called Go's library for it.
std::string creation_text(const std::vector<findings::AllocatedIn>& lines);

}  // namespace goshawk::report
