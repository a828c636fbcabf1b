// Findings as a summary for a merge request or for the page of a workflow's run
// ($GITHUB_STEP_SUMMARY): GitHub's Markdown (GFM), which GitLab reads too.
#pragma once

#include <span>

#include "report/judged.h"
#include "report/output.h"
#include "report/source_tree.h"

namespace goshawk::report {

// The answer, a table of the findings, each new one folded below it, what was checked. Unless
// `all`, the first fifty findings of a process, and the first twenty whole: hosts refuse pages of a
// megabyte.
void render_markdown(Output& out, std::span<const Judged> processes, const SourceTree& sources,
                     bool all);

}  // namespace goshawk::report
