// The table of `goshawk heap --types`.
#pragma once

#include "findings/type_table.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

void render_type_table(Output& out, const findings::TypeTable& table, const TextStyle& style);

}  // namespace goshawk::report
