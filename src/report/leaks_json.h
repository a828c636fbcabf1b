// Leaks for scripts; the shape is published in docs/schema/leaks.json.
#pragma once

#include <span>

#include "base/stages.h"
#include "findings/finding.h"
#include "report/json_writer.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// Without `all`, a finding names its first 100 goroutines ("count" is always the whole number).
void render_leaks_json(Output& out, const snapshot::Snapshot& snapshot,
                       const findings::Verdict& verdict, bool all,
                       std::span<const StageTime> timings = {});

// One of its findings; without `all`, no more ids than a reader wants.
void write_finding(JsonWriter& json, const findings::Finding& finding, bool all);

}  // namespace goshawk::report
