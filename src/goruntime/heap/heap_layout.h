// All facts that the heap's reader needs, bound once for a binary.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "goruntime/facts/heap_arena.h"
#include "goruntime/facts/heap_bitmap.h"
#include "goruntime/facts/mheap.h"
#include "goruntime/facts/mspan.h"
#include "goruntime/facts/special.h"
#include "goruntime/facts/type_descriptor.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

struct HeapLayout {
  MheapFact mheap;
  std::vector<HeapArenaFact> arena_candidates;  // the target decides; see facts/heap_arena.h
  MspanFact mspan;
  TypeDescriptorFact type;
  SpecialFact special;
  std::optional<FinalizerQueueFact> finalizer_queue;
  std::optional<CleanupQueueFact> cleanup_queue;
  bool has_cleanup_queue = false;
  // Who says how these lie: for whoever writes down that they were checked.
  std::string mspan_origin, arena_origin, special_origin;

  static Result<HeapLayout> bind(const LayoutSource& layout, std::string_view arch);
};

}  // namespace goshawk::goruntime
