// What grew over several goroutine dumps or profiles, for programs: docs/schema/series.json.
#pragma once

#include "findings/stack_series.h"
#include "report/output.h"

namespace goshawk::report {

// Whole stacks and every site, also what did not change, only with `all`.
void render_stack_series_json(Output& out, const findings::StackSeries& series, bool all);

}  // namespace goshawk::report
