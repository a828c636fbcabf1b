// What leaked goroutines have locked while others wait for it: told in the findings that they are
// members of, where the cause is, and in the advice for those who wait.
#pragma once

#include <span>

#include "findings/finding.h"

namespace goshawk::analyses::goroutines {

// Of findings whose locks are told already (locks.h).
void tell_lock_owners(std::span<findings::Finding> findings);

}  // namespace goshawk::analyses::goroutines
