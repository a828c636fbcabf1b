// What the heap's readers share once the spans are known: for each span of Objects, in the same
// order, how to find the pointers of its objects.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.h"
#include "goruntime/facts/heap_arena.h"
#include "goruntime/facts/heap_bitmap.h"
#include "goruntime/facts/mheap.h"
#include "goruntime/heap/page_table.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/heap/type_mask.h"
#include "snapshot/objects.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct SpanDetail {
  Address large_type;
  std::uint64_t npages = 0;
  PointerShape shape = PointerShape::kNone;
  bool inline_marks = false;
  bool any_allocated = false;
  bool all_allocated = false;
};

// What comes before the value in each slot.
inline std::uint64_t header_bytes(const SpanDetail& detail) {
  return detail.shape == PointerShape::kHeader ? kMallocHeaderBytes : 0;
}

struct HeapSpanTable {
  const target::Memory* memory = nullptr;
  snapshot::Objects objects;
  std::vector<SpanDetail> details;
  PageTable pages;
  MheapFact mheap;
  HeapArenaFact arena;
  ArenaDirectory arenas;
  std::unique_ptr<TypeMasks> masks;

  // Where the arena keeps the pointer bits of the words from `address` on; null when it has none.
  Address arena_bits_of(Address address) const;
  Address no_more_of(Address address) const;  // kOneBit: and their end marks
};

}  // namespace goshawk::goruntime
