// The screen of `goshawk heap`; `dominators`: with the tree of holders.
#pragma once

#include "findings/balance.h"
#include "findings/heap_holders.h"
#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_heap_text(Output& out, const snapshot::Snapshot& snapshot,
                      const findings::Balance& balance, const findings::HeapHolders& holders,
                      const TextStyle& style, bool dominators);

}  // namespace goshawk::report
