// Allocation records as JSON: each with its stack.
#pragma once

#include <span>

#include "base/stages.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_allocations_json(Output& out, const snapshot::Snapshot& picture,
                             std::span<const StageTime> timings = {});

}  // namespace goshawk::report
