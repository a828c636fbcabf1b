// Gives each resident page of the target to whose it is.
#pragma once

#include <vector>

#include "goruntime/goroutines/scheduler.h"
#include "goruntime/heap/heap_places.h"
#include "goruntime/symbols/modules.h"
#include "snapshot/snapshot.h"
#include "target/memory_use.h"

namespace goshawk::goruntime {

struct MemoryOwners {
  const HeapPlaces& heap;
  const std::vector<AddressRange>& runtime;  // find_runtime_memory()
  const Modules& modules;
  const Scheduler& scheduler;  // every g that lives
  const std::vector<target::Thread>& threads;
};

// `use`: as it was before anything of the target was read in this stop.
snapshot::MemoryUse balance_memory(const target::MemoryUse& use, const MemoryOwners& owners,
                                   bool by_kernel);

}  // namespace goshawk::goruntime
