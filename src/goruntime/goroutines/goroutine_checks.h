// What reading the scheduler and the goroutines says of the facts that it was done by.
#pragma once

#include <vector>

#include "goruntime/facts/timer.h"
#include "goruntime/facts/wait_reason.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/globals.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

void record_scheduler(const Scheduler& scheduler, const LayoutSource& layout,
                      const Globals& globals, const facts::TimerFact& timer, PageCache& cache,
                      std::vector<snapshot::Binding>& bindings);

// After all goroutines were read into the picture, and what they wait on.
void record_goroutines(const snapshot::Snapshot& picture, const facts::WaitReasons& wait_reasons,
                       std::vector<snapshot::Binding>& bindings);
void record_waits(const snapshot::Snapshot& picture, const LayoutSource& layout,
                  std::vector<snapshot::Binding>& bindings);

// How many of the structures that the program itself describes lie as its release's table says.
void record_table(const LayoutSource& layout, const BuildFacts& build,
                  std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
