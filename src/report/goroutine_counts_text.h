// Goroutines as the text of /debug/pprof/goroutine?debug=1.
#pragma once

#include <string_view>

#include "report/goroutine_selection.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// `type`: "goroutine", or "goroutineleak" for leaked ones.
void render_goroutine_counts(Output& out, const snapshot::Snapshot& snapshot,
                             const Selection& selection, std::string_view type);

}  // namespace goshawk::report
