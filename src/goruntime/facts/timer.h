// runtime.timer and the heaps of pending timers: in each p, and in each synctest bubble.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/layout/layout.h"
#include "goruntime/page_cache.h"

namespace goshawk::goruntime::facts {

struct TimerFact {
  std::uint32_t size_bytes = 0, when = 0, period = 0, f = 0, arg = 0;
  std::optional<std::uint32_t> status;  // before 1.23: a uint32
  std::optional<std::uint32_t> state;   // 1.23+: bits
  // The heap: a slice of *timer, or of timerWhen{*timer, when}.
  std::uint32_t heap_in_p = 0;  // the slice's offset in runtime.p
  std::uint32_t barrier_buffer_in_p = 0;
  std::uint32_t entry_bytes = 8;
  std::uint32_t entry_timer = 0;
  std::optional<std::uint32_t> heap_in_bubble;
  std::uint32_t in_time_timer =
      8;  // in a time.Timer or time.Ticker, whose first word is its channel

  // Will it fire as things stand? Deleted and zombie timers stay in the heap for a while.
  bool is_pending(PageCache& memory, Address timer) const;

  // Has it fired (and does not tick), or was it stopped? In whatever heap it is. Not told: no.
  bool is_idle(PageCache& memory, Address timer) const;

  // Whether a p of the target has its fields where this fact has them.
  bool fits(PageCache& memory, Address p) const;

  static Result<TimerFact> bind(const LayoutSource& layout);
};

}  // namespace goshawk::goruntime::facts
