// What became of a program's memory and goroutines between two pictures, for a person: one screen.
#pragma once

#include "findings/difference.h"
#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// `before` and `after`: what the pictures are of, without their arrays. With style.all every
// change.
void render_difference_text(Output& out, const snapshot::Snapshot& before,
                            const snapshot::Snapshot& after, const findings::Difference& difference,
                            const TextStyle& style);

}  // namespace goshawk::report
