// A baseline as it lies in a repository: docs/schema/baseline.json.
#pragma once

#include <vector>

#include "findings/finding.h"
#include "report/output.h"

namespace goshawk::report {

// A line for each fingerprint, with rule and functions for people. Ordered by these, without
// counts: it changes only when what is known does, and where that is.
void render_baseline_json(Output& out, std::vector<findings::KnownFinding> known);

// A draft of entries for a suppression file, one for each rule and functions: it is no valid file
// until every reason is written.
void render_suppression_draft(Output& out, std::vector<findings::KnownFinding> known);

}  // namespace goshawk::report
