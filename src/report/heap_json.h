// The JSON of `goshawk heap`; docs/schema/heap.json has its shape.
#pragma once

#include <span>

#include "base/stages.h"
#include "findings/heap_answer.h"
#include "report/output.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

void render_heap_json(Output& out, const snapshot::Snapshot& snapshot,
                      const findings::HeapAnswer& answer, std::span<const StageTime> timings = {});

}  // namespace goshawk::report
