// The screen of `goshawk heap`.
#pragma once

#include "findings/balance.h"
#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_heap_text(Output& out, const snapshot::Snapshot& snapshot,
                      const findings::Balance& balance, const TextStyle& style);

}  // namespace goshawk::report
