// Where a Go program ends itself.
#pragma once

#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/target.h"

namespace goshawk::goruntime {

// The first instructions of the functions of its runtime that do it, two at most: the one that is
// asked first, and the one behind which the kernel is asked. Once it runs: before its first thread
// does, a position-independent one is not in place. Missing as for any question of a program.
Result<std::vector<Address>> find_exits(const target::Target& target);

}  // namespace goshawk::goruntime
