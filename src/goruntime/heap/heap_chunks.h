// The heap's pointer-bearing spans, cut into pieces that are read at once and decoded by
// themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "goruntime/heap/heap_span_table.h"

namespace goshawk::goruntime {

struct HeapChunk {
  std::uint32_t first = 0, end = 0;  // spans
  std::uint64_t words = 0;           // most edges that it can have
};

// Large objects first, each a chunk of its own, so that the last thread to finish has little left.
// `is_wanted`: of a span's number; null: all that have objects.
std::vector<HeapChunk> cut_into_chunks(const HeapSpanTable& table,
                                       const std::function<bool(std::uint32_t)>& is_wanted = {});

}  // namespace goshawk::goruntime
