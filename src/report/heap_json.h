// The JSON of `goshawk heap`; docs/schema/heap.json has its shape.
#pragma once

#include "findings/balance.h"
#include "findings/heap_holders.h"
#include "findings/type_table.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

// `types`: null when they were not asked for.
void render_heap_json(Output& out, const snapshot::Snapshot& snapshot,
                      const findings::Balance& balance, const findings::HeapHolders& holders,
                      const findings::TypeTable* types = nullptr);

}  // namespace goshawk::report
