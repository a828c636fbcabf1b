// The program's own records of what it allocated, and where: a memory profile of a process that has
// no endpoint for one.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "goruntime/program.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

// An object that was sampled, and the record of it, a runtime.bucket.
struct BucketOfObject {
  snapshot::ObjectId object = snapshot::kNone;
  Address bucket;
};

// Into picture.allocations, with their stacks, and of which of them `sampled` objects are; why
// there are none stands there too. The target is read as it runs: nothing of it moves, and what
// changes meanwhile is told by a doubt.
void read_allocations(const target::Target& target, const Program& program,
                      std::span<const BucketOfObject> sampled, snapshot::Snapshot& picture,
                      std::vector<snapshot::Binding>& bindings);

// A picture of nothing but these, for which nothing stands still. Missing where there are none.
Result<snapshot::Snapshot> capture_allocations(const target::Target& target, const Program& program,
                                               std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
