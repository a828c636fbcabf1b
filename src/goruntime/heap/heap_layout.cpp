// Binds the facts of the heap. One that is missing turns the whole feature off: a heap that is read
// in part proves nothing. The queues are no part of the heap; without them there is a doubt.
#include "goruntime/heap/heap_layout.h"

namespace goshawk::goruntime {

Result<HeapLayout> HeapLayout::bind(const LayoutSource& layout, std::string_view arch) {
  HeapLayout facts;
  facts.mheap = TRY(MheapFact::bind(layout, arch));
  facts.arena_candidates = TRY(HeapArenaFact::bind(layout));
  facts.mspan = TRY(MspanFact::bind(layout));
  facts.type = TRY(TypeDescriptorFact::bind(layout));
  facts.special = TRY(SpecialFact::bind(layout));
  if (auto queue = FinalizerQueueFact::bind(layout)) facts.finalizer_queue = *queue;
  if (auto queue = CleanupQueueFact::bind(layout)) facts.cleanup_queue = *queue;
  facts.has_cleanup_queue = layout.size_of("runtime.cleanupQueue").has_value();
  facts.mspan_origin = layout.origin_of("runtime.mspan");
  facts.arena_origin = layout.origin_of("runtime.heapArena");
  facts.special_origin = layout.origin_of("runtime.special");
  return facts;
}

}  // namespace goshawk::goruntime
