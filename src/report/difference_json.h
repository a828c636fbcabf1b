// What became of a program's memory and goroutines between two pictures, as JSON
// (docs/schema/diff.json).
#pragma once

#include <span>

#include "base/stages.h"
#include "findings/difference.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// `before` and `after` as for render_difference_text; `all`: what changed by little, too.
void render_difference_json(Output& out, const snapshot::Snapshot& before,
                            const snapshot::Snapshot& after, const findings::Difference& difference,
                            bool all, std::span<const StageTime> timings = {});

}  // namespace goshawk::report
