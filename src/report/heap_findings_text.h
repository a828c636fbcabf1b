// What is in use and need not be, on the screen of `goshawk heap`.
#pragma once

#include <cstdint>
#include <vector>

#include "findings/heap_finding.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

// Nothing at all where there is none. `live_bytes`: of all that is in use.
void render_heap_findings(Output& out, const std::vector<findings::HeapFinding>& found,
                          std::uint64_t live_bytes, const TextStyle& style);

}  // namespace goshawk::report
