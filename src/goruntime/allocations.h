// The program's own records of what it allocated, and where: a memory profile of a process that has
// no endpoint for one.
#pragma once

#include <vector>

#include "base/result.h"
#include "goruntime/program.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

// Into picture.allocations, with their stacks; why there are none stands there too. The target is
// read as it runs: nothing of it moves, and what changes meanwhile is told by a doubt.
void read_allocations(const target::Target& target, const Program& program,
                      snapshot::Snapshot& picture, std::vector<snapshot::Binding>& bindings);

// A picture of nothing but these, for which nothing stands still. Missing where there are none.
Result<snapshot::Snapshot> capture_allocations(const target::Target& target, const Program& program,
                                               std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
