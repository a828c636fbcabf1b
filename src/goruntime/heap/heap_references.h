// Every pointer between heap objects, in compressed rows, read and decoded in parallel.
#pragma once

#include <vector>

#include "base/result.h"
#include "goruntime/heap/heap.h"
#include "goruntime/heap/heap_span_table.h"
#include "snapshot/snapshot.h"
#include "target/page_ranges.h"

namespace goshawk::goruntime {

// See reused_references.h. The references are taken; what is said of them afterwards is of those
// that were decoded now.
struct EarlierReferences {
  const HeapSpanTable* table = nullptr;  // null: there are none
  snapshot::References& references;
  std::uint64_t& edges_end;
  std::vector<bool>& of_no_use;
  const target::PageRanges& changed;
};

Result<snapshot::References> decode_heap_references(const HeapSpanTable& table,
                                                    const RowOverrides& overrides,
                                                    std::vector<snapshot::References::Extra>* cut,
                                                    std::vector<snapshot::Doubt>& doubts,
                                                    Stages* stages = nullptr,
                                                    EarlierReferences* earlier = nullptr);

}  // namespace goshawk::goruntime
