// Where a Go program ends itself, and whether it may: is there nothing in it that is on its way?
#pragma once

#include <cstdint>

#include "base/result.h"
#include "target/exits.h"

namespace goshawk::goruntime {

// Once the process runs: before its first thread does, a position-independent one is not in place.
// Missing as for any question of a program. What its runtime is asked later reads it at that time.
Result<target::Exits> find_exits(std::int64_t pid);

}  // namespace goshawk::goruntime
