// The goroutine list for scripts; the shape is published in docs/schema/goroutines.json.
#pragma once

#include <span>

#include "base/stages.h"
#include "report/goroutine_selection.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_goroutines_json(Output& out, const snapshot::Snapshot& snapshot,
                            const Selection& selection, std::span<const StageTime> timings = {});

}  // namespace goshawk::report
