// The live objects by type, on the screen of `goshawk heap`.
#pragma once

#include <string>

#include "findings/type_table.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

// `many`: more than the largest few.
void render_type_table(Output& out, const findings::TypeTable& table, bool many,
                       const TextStyle& style);
// Its rows only.
void render_type_rows(Output& out, const findings::TypeTable& table, const TextStyle& style);

// "unknown, 48 bytes, held by main.shop"
std::string unknown_text(const findings::UnknownObjects& unknown);

}  // namespace goshawk::report
