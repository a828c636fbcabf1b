// What grew over several goroutine dumps or profiles, for people.
#pragma once

#include <string_view>

#include "findings/stack_series.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

// `noun`: "dump", "profile".
void render_stack_series_text(Output& out, const findings::StackSeries& series,
                              std::string_view noun, const TextStyle& style);

}  // namespace goshawk::report
