// How many timers there are, while the process runs.
#pragma once

#include <cstdint>
#include <optional>

#include "goruntime/facts/m.h"
#include "goruntime/facts/timer.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/globals.h"

namespace goshawk::goruntime {

// In the heaps of all processors; those that were stopped and are not cleared away yet (a quarter
// at most) count too, synctest's do not. Nothing where a processor is not as it is known.
std::optional<std::uint64_t> count_timers(PageCache& cache, const facts::MFact& m,
                                          const facts::TimerFact& timer, const Globals& globals);

}  // namespace goshawk::goruntime
