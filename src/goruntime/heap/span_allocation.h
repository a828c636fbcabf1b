// Which slots of a span hold an object.
// Follows runtime/mbitmap.go (isFree), runtime/mgcsweep.go, runtime/mgcmark_greenteagc.go.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "goruntime/heap/span_reader.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// Sets the bits of all allocated slots; objects' spans are those of `spans`, in the same order.
// Slots that carry a finalizer stay, marked or not: sweeping would revive them (revived: span's
// position, slot). Missing when the counts of too many spans contradict their bits.
struct RevivedSlot {
  std::uint32_t span = 0;
  std::uint32_t slot = 0;
};
Result<void> read_allocated(const target::Memory& memory, const HeapLayout& layout,
                            const HeapSpans& spans, const std::vector<RevivedSlot>& revived,
                            snapshot::Objects& objects, std::vector<snapshot::Doubt>& doubts,
                            std::vector<snapshot::Binding>& bindings);

// Spans whose last marking is not swept yet: what is not marked in them is garbage.
inline bool is_unswept(std::int32_t sweep_distance) {
  return sweep_distance == -2 || sweep_distance == -1 || sweep_distance == 1;
}

}  // namespace goshawk::goruntime
