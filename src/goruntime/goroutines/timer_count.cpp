// The length of each processor's heap of timers (facts/timer.h), of which no timer is read.
#include "goruntime/goroutines/timer_count.h"

#include "goruntime/goroutines/scheduler.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kMostTimers = std::uint64_t{1} << 32;

}  // namespace

std::optional<std::uint64_t> count_timers(PageCache& cache, const facts::MFact& m,
                                          const facts::TimerFact& timer, const Globals& globals) {
  bool complete = false;
  std::uint64_t timers = 0;
  for (Address p : read_ps(cache, m, globals, complete)) {
    if (!timer.fits(cache, p)) return std::nullopt;
    auto length = cache.value<std::uint64_t>(p + timer.heap_in_p + 8);
    if (!length || *length > kMostTimers) return std::nullopt;
    timers += *length;
  }
  return complete ? std::optional(timers) : std::nullopt;
}

}  // namespace goshawk::goruntime
