// Goroutines in the text of the runtime's own full dump (debug=2, SIGQUIT), which many tools read.
#pragma once

#include "report/goroutine_selection.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// With `labels`, each header ends in the profiler labels, as dumps of the newest releases have
// them.
void render_goroutine_dump(Output& out, const snapshot::Snapshot& snapshot,
                           const Selection& selection, bool labels);

}  // namespace goshawk::report
