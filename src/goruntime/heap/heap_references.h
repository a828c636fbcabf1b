// Every pointer between heap objects, in compressed rows, read and decoded in parallel.
#pragma once

#include <vector>

#include "base/result.h"
#include "goruntime/heap/heap.h"
#include "goruntime/heap/heap_span_table.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

Result<snapshot::References> decode_heap_references(const HeapSpanTable& table,
                                                    const RowOverrides& overrides,
                                                    std::vector<snapshot::References::Extra>* cut,
                                                    std::vector<snapshot::Doubt>& doubts,
                                                    Stages* stages = nullptr);

}  // namespace goshawk::goruntime
