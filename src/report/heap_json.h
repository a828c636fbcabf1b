// The JSON of `goshawk heap`; docs/schema/heap.json has its shape.
#pragma once

#include "findings/balance.h"
#include "findings/heap_holders.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_heap_json(Output& out, const snapshot::Snapshot& snapshot,
                      const findings::Balance& balance, const findings::HeapHolders& holders);

}  // namespace goshawk::report
