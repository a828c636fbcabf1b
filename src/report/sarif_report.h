// Findings for code scanning: SARIF 2.1.0 (OASIS standard, "Static Analysis Results Interchange
// Format"), whose "result" is our finding.
#pragma once

#include <span>

#include "report/judged.h"
#include "report/output.h"
#include "report/source_tree.h"

namespace goshawk::report {

// One run with the findings of all processes, for hosts take only one run of a tool from a file.
// Suppressed findings are in it with their suppression; those of a baseline as "unchanged".
void render_sarif(Output& out, std::span<const Judged> processes, const SourceTree& sources,
                  bool all);

}  // namespace goshawk::report
