// The answer in one sentence: how many goroutines are leaked, how sure that is, what they hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "findings/finding.h"

namespace goshawk::report {

// "38 goroutines will never run again, in 6 groups; they hold 152 KB of stacks and 3 MB of heap; 4
// more are likely leaked; 1 of the 2 groups is new"
std::string headline(const findings::Verdict& verdict);

// What the answer has to be read with: "240 goroutines and 7 of the runtime's own checked: 12
// alive, 235 leaked, 0 undecided"
std::string checked_text(const findings::Checked& checked, std::uint64_t of_runtime);
// "3 undecided: their stack could not be read", the most first. Reasons are foreign.
std::vector<std::string> undecided_texts(const findings::Checked& checked);

// "240 KB of stacks and 38 MB of heap"
std::string memory_text(std::uint64_t stack_bytes, std::uint64_t heap_bytes);

// What groups share says nothing of some of them: those of one rule, those that are not suppressed.
bool shows_all(const findings::Verdict& verdict);

}  // namespace goshawk::report
