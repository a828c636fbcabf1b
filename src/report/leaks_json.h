// Leaks for scripts; the shape is published in docs/schema/leaks.json.
#pragma once

#include <span>

#include "base/stages.h"
#include "findings/finding.h"
#include "report/json_writer.h"
#include "report/judged.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// Without `all`, a finding names its first 100 goroutines ("count" is always the whole number).
void render_leaks_json(Output& out, const snapshot::Snapshot& snapshot,
                       const findings::Verdict& verdict, bool all,
                       std::span<const StageTime> timings = {});
void render_leaks_json(Output& out, const Judged& judged, bool all,
                       std::span<const StageTime> timings = {});
// Of a run: "targets" has one such report for each process (docs/schema/run.json).
void render_leaks_of_run_json(Output& out, std::span<const Judged> processes, bool all);

// The member "checked" of a report.
void write_checked(JsonWriter& json, const findings::Checked& checked, std::uint64_t of_runtime);
void write_cost(JsonWriter& json, const findings::Cost& cost);
// The first hundred of them; with `all` every one.
void write_goids(JsonWriter& json, const std::vector<std::uint64_t>& goids, bool all);

// One of its findings; without `all`, no more ids than a reader wants.
void write_finding(JsonWriter& json, const findings::Finding& finding, bool all);

}  // namespace goshawk::report
