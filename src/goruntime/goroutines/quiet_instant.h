// Is a stopped target at an instant when the runtime's structures are whole? A proof may be made at
// others too (each hazard is handled where it shows), but fewer goroutines can be decided then.
#pragma once

#include <span>

#include "goruntime/goroutines/scheduler.h"
#include "goruntime/page_cache.h"
#include "goruntime/program.h"

namespace goshawk::goruntime {

// The cheap part, before anything is read: no collection under way, the locks of the heap, the
// scheduler and allgs free.
bool is_quiet(PageCache& cache, const Program& program);
// No stack is being copied or scanned.
bool are_stacks_quiet(std::span<const G> gs);
// The locks whose owners rebuild what a picture stands on: allspans, allgs. Their state decides
// whether a picture may be used for proofs at all.
bool are_lists_whole(PageCache& cache, const Program& program);

// A finalizer or cleanup may be between its object's list and its queue: in neither.
bool is_queueing_specials(std::span<const target::Thread> threads, const Functions& functions);
// No plugin was added since the modules were read.
bool are_modules_whole(PageCache& cache, const Modules& modules);

}  // namespace goshawk::goruntime
