// Allocation records as the text of /debug/pprof/heap?debug=1.
#pragma once

#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_allocation_counts(Output& out, const snapshot::Snapshot& snapshot);

}  // namespace goshawk::report
