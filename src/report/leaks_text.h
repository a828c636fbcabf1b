// Leaks as one screen that a tired reader understands.
#pragma once

#include "findings/finding.h"
#include "report/code_lines.h"
#include "report/judged.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_leaks_text(Output& out, const snapshot::Snapshot& snapshot,
                       const findings::Verdict& verdict, const TextStyle& style);
void render_leaks_text(Output& out, const Judged& judged, const TextStyle& style);

}  // namespace goshawk::report
