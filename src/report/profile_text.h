// `goshawk FILE` of a profile as text.
#pragma once

#include "report/code_lines.h"
#include "report/output.h"
#include "report/profile_report.h"

namespace goshawk::report {

void render_profile_text(Output& out, const ProfileReport& report, const TextStyle& style);

// One line: its sum, and the command that tells the rest.
void render_profile_in_short(Output& out, const ProfileReport& report, const TextStyle& style);

}  // namespace goshawk::report
