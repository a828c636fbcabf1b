// Who holds the heap, on the screen of `goshawk heap`.
#pragma once

#include "findings/heap_holders.h"
#include "report/code_lines.h"
#include "report/output.h"

namespace goshawk::report {

// In prose: those that hold suspiciously much, what is in them; the largest of the others.
void render_suspects(Output& out, const findings::HeapHolders& holders, const TextStyle& style);
void render_holder_tree(Output& out, const findings::HeapHolders& holders, const TextStyle& style);

}  // namespace goshawk::report
