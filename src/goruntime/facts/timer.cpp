// runtime.timer, runtime.timers, runtime.timerWhen (runtime/time.go).
//
//   release  change
//   1.14     timers live in p.timers, a four-ary heap of *timer, with a status word
//   1.23     p.timers is a struct `timers` whose heap holds {*timer, when}; state bits heaped 1,
//            modified 2, zombie 4; a channel's timer is in a heap only while somebody waits
//            on the channel; a time.Timer is {C, whether it was made by package time, this}, of
//            which that package knows the first two (timeTimer); when is 0 once it was stopped or
//            has fired. Before it was {C, this}, and the status says so
//   1.23.2   isSending, a byte where there was padding; 1.23.3: a word behind the rest
//   1.24     synctestGroup.timers (1.25: synctestBubble.timers): fake time, in no p
//
// What stands before the heap in a p differs by kilobytes between builds of one release (p.gcw with
// GOEXPERIMENT=greenteagc, nogreenteagc). A slice read from the wrong place may look like an empty
// heap, and a timer that is overlooked makes a false proof. So p.wbBuf, which stands right before
// the timers in every release, is looked at: {next, end, buf [512]uintptr} has pointers into
// itself; end is &buf[512], or &buf[1] with cgo's checks (before 1.21).
//
// Told by the presence of runtime.timers. A status that is not known counts as pending: a timer
// that may fire keeps what it holds alive.
#include "goruntime/facts/timer.h"

namespace goshawk::goruntime::facts {
namespace {

constexpr std::uint32_t kBarrierBufferBytes = 512 * 8;
constexpr std::uint32_t kTimerNoStatus = 0;  // before 1.23
constexpr std::uint32_t kTimerDeleted = 3;
constexpr std::uint32_t kTimerRemoved = 5;
constexpr std::uint8_t kTimerZombie = 4;  // 1.23+

Result<void> bind_heap(const LayoutSource& layout, TimerFact& fact) {
  fact.heap_in_p = TRY(layout.need_offset("runtime.p", "timers"));
  fact.barrier_buffer_in_p = TRY(layout.need_offset("runtime.p", "wbBuf"));
  auto heap = layout.field("runtime.timers", "heap");
  if (!heap) return {};
  fact.heap_in_p += heap->offset;
  fact.entry_bytes = static_cast<std::uint32_t>(TRY(layout.need_size("runtime.timerWhen")));
  fact.entry_timer = TRY(layout.need_offset("runtime.timerWhen", "timer"));
  for (std::string_view bubble : {"runtime.synctestBubble", "runtime.synctestGroup"})
    if (auto timers = layout.field(bubble, "timers"))
      fact.heap_in_bubble = timers->offset + heap->offset;
  return {};
}

}  // namespace

bool TimerFact::is_pending(PageCache& memory, Address timer) const {
  if (state) {
    auto bits = memory.value<std::uint8_t>(timer + *state);
    return !bits || (*bits & kTimerZombie) == 0;
  }
  auto now = memory.value<std::uint32_t>(timer + status.value_or(0));
  return !now || (*now != kTimerDeleted && *now != kTimerRemoved);
}

bool TimerFact::is_idle(PageCache& memory, Address timer) const {
  if (state) return memory.value<std::uint64_t>(timer + when) == std::uint64_t{0};
  auto now = memory.value<std::uint32_t>(timer + status.value_or(0));
  return now == kTimerNoStatus || now == kTimerDeleted || now == kTimerRemoved;
}

bool TimerFact::fits(PageCache& memory, Address p) const {
  std::uint64_t start = (p + barrier_buffer_in_p + 16).value();
  auto next = memory.value<std::uint64_t>(p + barrier_buffer_in_p);
  auto end = memory.value<std::uint64_t>(p + barrier_buffer_in_p + 8);
  return next && end && (*end == start + 8 || *end == start + kBarrierBufferBytes) &&
         *next >= start && *next <= *end;
}

Result<TimerFact> TimerFact::bind(const LayoutSource& layout) {
  constexpr std::string_view kTimer = "runtime.timer";
  TimerFact fact;
  fact.size_bytes = static_cast<std::uint32_t>(TRY(layout.need_size(kTimer)));
  fact.when = TRY(layout.need_offset(kTimer, "when"));
  fact.period = TRY(layout.need_offset(kTimer, "period"));
  fact.f = TRY(layout.need_offset(kTimer, "f"));
  fact.arg = TRY(layout.need_offset(kTimer, "arg"));
  if (auto state = layout.field(kTimer, "state")) {
    fact.state = state->offset;
    fact.in_time_timer = 16;
  } else {
    fact.status = TRY(layout.need_offset(kTimer, "status"));
  }
  TRY_VOID(bind_heap(layout, fact));
  return fact;
}

}  // namespace goshawk::goruntime::facts
