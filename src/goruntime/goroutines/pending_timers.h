// The timers that will fire, with what they will call.
#pragma once

#include <cstdint>
#include <optional>

#include "goruntime/facts/timer.h"
#include "goruntime/heap/heap.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/functions.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// Fills picture.pending_timers, of those in its roots. `now_ns`: by the clock that timers have.
void read_pending_timers(PageCache& cache, const Functions& functions, const Heap& heap,
                         const facts::TimerFact& fact, std::optional<std::int64_t> now_ns,
                         snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
