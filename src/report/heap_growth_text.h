// What grew of a heap in several pictures of a process, as text.
#pragma once

#include "findings/heap_answer.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

// Without a title; there are several pictures.
void render_heap_growth(Output& out, const findings::HeapAnswer& answer, const TextStyle& style);

// Whether it is told there, and not with what is in use and not needed.
bool is_growth(const findings::HeapFinding& found);

}  // namespace goshawk::report
