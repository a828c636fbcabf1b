// Who allocated what is in use, for a person: the lines of code that most of it came from.
#pragma once

#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// With style.all every line of code, and the whole stack that most of its allocations came by.
void render_allocations_text(Output& out, const snapshot::Snapshot& picture,
                             const TextStyle& style);

}  // namespace goshawk::report
