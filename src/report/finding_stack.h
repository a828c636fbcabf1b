// The frames of a finding that a screen has room for.
#pragma once

#include <vector>

#include "findings/finding.h"
#include "report/code_lines.h"

namespace goshawk::report {

// Innermost first, and by whom it was started; with style.all everything.
std::vector<CodeLine> finding_stack(const findings::Finding& finding, const TextStyle& style);

}  // namespace goshawk::report
