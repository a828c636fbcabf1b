// What two pictures are of, and their sums: the beginning of the screen of their difference.
#pragma once

#include <string>

#include "findings/difference.h"
#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// "process 4711", "a.snapshot, a snapshot of process 4711"
std::string picture_text(const snapshot::TargetFacts& target);

void render_difference_head(Output& out, const snapshot::Snapshot& before,
                            const snapshot::Snapshot& after, const findings::Difference& difference,
                            const TextStyle& style);

}  // namespace goshawk::report
