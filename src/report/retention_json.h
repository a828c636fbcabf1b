// The JSON of `goshawk heap --object` and its like; docs/schema/retention.json has its shape.
#pragma once

#include <span>

#include "base/stages.h"
#include "findings/retention.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_retention_json(Output& out, const snapshot::Snapshot& snapshot,
                           const findings::Retention& retention,
                           std::span<const StageTime> timings = {});

}  // namespace goshawk::report
