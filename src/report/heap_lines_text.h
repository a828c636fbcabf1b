// What the heap holds in ways of Go's own, on the screen of `goshawk heap`.
#pragma once

#include <cstdint>

#include "findings/heap_lines.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

// Nothing at all where little is held so. `live_bytes`: of all that is in use.
void render_heap_lines(Output& out, const findings::HeapLines& lines, std::uint64_t live_bytes,
                       const TextStyle& style);

}  // namespace goshawk::report
