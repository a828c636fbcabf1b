// Which timers and tickers of package time, on whose channels somebody waits, are not running.
#pragma once

#include "goruntime/facts/timer.h"
#include "goruntime/heap/heap.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/functions.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// Fills picture.idle_timers. Reads only objects that refer to a channel that somebody waits to
// receive a time from; picture.references and the roots of threads are there already.
void find_idle_timers(PageCache& cache, const Functions& functions, const Heap& heap,
                      const facts::TimerFact& fact, snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
