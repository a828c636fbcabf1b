// What a suppression file or a baseline took out of a screen of leaks, and what neither did.
#pragma once

#include <string>

#include "findings/finding.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

// "3 goroutines suppressed by .goshawk.toml:4: one listener a process"
std::string suppressed_text(const findings::Verdict& verdict,
                            const findings::Suppressed& suppressed);

// A line for each entry that suppressed something, then the entries that fit nothing or have
// expired.
void render_suppressions(Output& out, const TextStyle& style, const findings::Verdict& verdict);

// A line for each finding that the baseline has too.
void render_known(Output& out, const TextStyle& style, const findings::Verdict& verdict);

// What the baseline has and the picture has not.
void render_gone(Output& out, const TextStyle& style, const findings::Verdict& verdict);

}  // namespace goshawk::report
