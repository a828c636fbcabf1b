// Goroutines in groups of one stack each, for people: what debug=1 of net/http/pprof gives to
// tools.
#pragma once

#include "report/code_lines.h"
#include "report/goroutine_selection.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// `note` is what must be known to read the list right, a sentence; empty: nothing.
void render_goroutines_text(Output& out, const snapshot::Snapshot& snapshot,
                            const Selection& selection, const TextStyle& style,
                            std::string_view note = "");

}  // namespace goshawk::report
