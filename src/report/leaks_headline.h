// The answer in one sentence: how many goroutines are leaked, how sure that is, what they hold.
#pragma once

#include <cstdint>
#include <string>

#include "findings/finding.h"

namespace goshawk::report {

// "38 goroutines will never run again, in 6 groups; they hold 152 KB of stacks and 3 MB of heap; 4
// more are likely leaked; 1 of the 2 groups is new"
std::string headline(const findings::Verdict& verdict);

// "240 KB of stacks and 38 MB of heap"
std::string memory_text(std::uint64_t stack_bytes, std::uint64_t heap_bytes);

// What groups share says nothing of some of them: those of one rule, those that are not suppressed.
bool shows_all(const findings::Verdict& verdict);

}  // namespace goshawk::report
