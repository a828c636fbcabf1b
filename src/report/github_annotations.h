// Findings as workflow commands: lines on standard output that GitHub Actions shows as annotations,
// beside the lines of code they name.
#pragma once

#include <span>

#include "report/judged.h"
#include "report/output.h"
#include "report/source_tree.h"

namespace goshawk::report {

// An error for each that is proven, a warning if likely, a notice if suspected. What is suppressed
// or in a baseline gets none. After them plain lines for
// each process: the answer, what was checked.
void render_github_annotations(Output& out, std::span<const Judged> processes,
                               const SourceTree& sources);

}  // namespace goshawk::report
