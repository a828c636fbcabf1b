// Evidence that several groups of a screen share is said once.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "findings/finding.h"

namespace goshawk::report {

// A sentence of evidence that several groups share is printed once, below them. First sentences say
// what each group waits on and stay where they are.
struct SharedEvidence {
  std::string sentence;
  std::vector<std::size_t> groups;  // their numbers on the screen
};

// Of the first `shown` findings.
std::vector<SharedEvidence> find_shared_evidence(const std::vector<findings::Finding>& findings,
                                                 std::size_t shown);

// "1 to 3, 5 and 7"
std::string join_numbers(const std::vector<std::size_t>& numbers);

}  // namespace goshawk::report
