// One finding below its headline: where it waits, what it costs, why it never ends, how to mend it.
#pragma once

#include <span>
#include <string>

#include "findings/finding.h"
#include "report/code_lines.h"
#include "report/output.h"
#include "report/shared_evidence.h"

namespace goshawk::report {

// Lines indented by three columns. What is in `shared` is said elsewhere and left out.
void render_finding_text(Output& out, const findings::Finding& finding, const TextStyle& style,
                         std::span<const SharedEvidence> shared = {});

// "chan send, the longest for about 12 minutes"
std::string wait_text(const findings::Finding& finding);

// "38 MB"; empty: nothing was measured.
std::string cost_text(const findings::Cost& cost);

// "30 goroutines, 38 MB: Result whose reader has gone"
std::string finding_title(const findings::Finding& finding);

}  // namespace goshawk::report
