// The live objects by type, on the screen of `goshawk heap`.
#pragma once

#include <string>

#include "findings/type_table.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

std::string type_table_title(const findings::TypeTable& table);
// Without the title. `many`: more than the largest few.
void render_type_table(Output& out, const findings::TypeTable& table, bool many,
                       const TextStyle& style);

// "unknown, 48 bytes, held by main.shop"
std::string unknown_text(const findings::UnknownObjects& unknown);

}  // namespace goshawk::report
