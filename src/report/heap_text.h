// The screen of `goshawk heap`.
#pragma once

#include "findings/heap_answer.h"
#include "report/code_lines.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// What a reader asks to see more of.
struct HeapDetails {
  bool dominators = false;  // the tree of holders instead of the suspects
  bool types = false;       // many types instead of the largest few
};

void render_heap_text(Output& out, const snapshot::Snapshot& snapshot,
                      const findings::HeapAnswer& answer, const TextStyle& style,
                      const HeapDetails& details = {});

}  // namespace goshawk::report
