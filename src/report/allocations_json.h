// Allocation records as JSON: each with its stack.
#pragma once

#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_allocations_json(Output& out, const snapshot::Snapshot& picture);

}  // namespace goshawk::report
