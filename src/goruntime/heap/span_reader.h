// All spans of the heap, read from mheap_.allspans and believed only when the arenas agree.
// Follows runtime/mheap.go (recordspan, initSpan, spanOf).
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/heap/heap_gather.h"
#include "goruntime/heap/heap_layout.h"
#include "snapshot/snapshot.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct InUseSpan {
  Mspan mspan;
  SpanShape shape;
};

struct PageRange {
  Address base;
  std::uint64_t npages = 0;
  bool for_stacks = true;  // else for the collector's work buffers
};

// Where each arena's metadata is.
class ArenaDirectory {
 public:
  void add(std::uint64_t index, Address heap_arena);  // ascending
  Address find(std::uint64_t index) const;            // null when there is none
  const std::vector<std::uint64_t>& indices() const { return indices_; }

 private:
  std::vector<std::uint64_t> indices_;
  std::vector<Address> heap_arenas_;
};

struct HeapSpans {
  std::vector<InUseSpan> in_use;  // scannable first, then noscan; each by address; no overlaps
  std::vector<PageRange> stacks;  // mSpanManual, by address; work buffers too
  std::uint32_t sweepgen = 0;     // of mheap_
  HeapArenaFact arena;            // the candidate that the target confirmed
  ArenaDirectory arenas;

  std::int32_t sweep_distance(const Mspan& span) const {
    return static_cast<std::int32_t>(span.sweepgen - sweepgen);
  }
};

// mappings are those of the stopped target: a span outside of them is no span. `asking`: for the
// spans' descriptors.
Result<HeapSpans> read_spans(const target::Memory& memory,
                             const std::vector<target::Mapping>& mappings, const HeapLayout& layout,
                             Address mheap, std::vector<snapshot::Doubt>& doubts,
                             std::vector<snapshot::Binding>& bindings,
                             Asking asking = Asking::kAgain);

}  // namespace goshawk::goruntime
