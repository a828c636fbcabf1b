// The JSON of `goshawk heap`; docs/schema/heap.json has its shape.
#pragma once

#include "findings/heap_answer.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_heap_json(Output& out, const snapshot::Snapshot& snapshot,
                      const findings::HeapAnswer& answer);

}  // namespace goshawk::report
