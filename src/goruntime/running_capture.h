// A list of goroutines without a stop: the program runs on while it is read.
#pragma once

#include <vector>

#include "base/result.h"
#include "goruntime/program.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

// A goroutine with its stack is as it stood at some instant of the reading: its g was the same
// before and after its stack was read. One that runs, or that never stood still for so long, has
// its own function for a stack, which is not complete; a doubt counts the latter. Not all are of
// the same instant, so nothing may be concluded from several of them together. `waits` and
// `bindings` as for capture().
Result<snapshot::Snapshot> capture_running(const target::Target& target, const Program& program,
                                           bool waits, std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
