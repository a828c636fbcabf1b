// Rules by wait kind first, then by the shape of the wait: a context's done channel means a lost
// cancel; one sender, alone on an unbuffered channel, started by the function that made the
// channel, means a result that its reader has given up on (the timed-out handler).
// Who waits for a timer is in a loop that the timer keeps going, unless a context could end it.
#include "analyses/goroutines/rules.h"

#include <algorithm>
#include <span>

#include "analyses/goroutines/network_waits.h"
#include "analyses/goroutines/sites.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Wait;
using snapshot::WaitKind;
using snapshot::WaitOperation;

namespace {

// A connection of an HTTP client waits for the end of its request's context too; what ends that is
// closing the body.
bool waits_on_context(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (function_of(snapshot, goroutine.created_by) == "net/http.(*Transport).dialConn") return false;
  return std::ranges::any_of(waits_of(snapshot, goroutine), &Wait::is_context_done);
}

bool is_abandoned_result(const Snapshot& snapshot, const WaiterCounts& waiters,
                         const Goroutine& goroutine) {
  std::span<const Wait> waits = waits_of(snapshot, goroutine);
  if (waits.size() != 1 || waits[0].capacity != 0 || waiters.of(waits[0].address) != 1)
    return false;
  std::string_view creator = function_of(snapshot, goroutine.created_by);
  return is_literal_inside(function_of(snapshot, goroutine.started_at), creator) ||
         is_literal_inside(function_of(snapshot, find_blocking_frame(snapshot, goroutine)),
                           creator);
}

bool is_runtime_or_lock(std::string_view function) {
  for (std::string_view prefix : {"runtime.", "sync.", "internal/sync.", "internal/runtime/",
                                  "time.Sleep", "reflect.", "internal/poll.", "iter.Pull"})
    if (function.starts_with(prefix)) return true;
  return false;
}

// From Go 1.23 on the channel says so; before, its timer, which is pending, refers to it.
bool waits_for_timer(const Snapshot& snapshot, const Goroutine& goroutine) {
  return std::ranges::any_of(waits_of(snapshot, goroutine), [&](const Wait& wait) {
    if (wait.is_timer_channel) return true;
    return wait.object != snapshot::kNone &&
           std::ranges::any_of(snapshot.roots, [&](const snapshot::Root& root) {
             return root.kind == snapshot::RootKind::kTimer && root.object == wait.object;
           });
  });
}

}  // namespace

std::span<const Wait> waits_of(const Snapshot& snapshot, const Goroutine& goroutine) {
  return std::span(snapshot.waits).subspan(goroutine.first_wait, goroutine.wait_count);
}

std::string_view function_of(const Snapshot& snapshot, snapshot::FrameId frame) {
  if (frame == snapshot::kNone) return {};
  return snapshot.strings[snapshot.stacks.frame(frame).function];
}

bool is_literal_inside(std::string_view function, std::string_view outer) {
  return !outer.empty() && function.starts_with(outer) &&
         (function.substr(outer.size()).starts_with(".func") ||
          function.substr(outer.size()).starts_with(".gowrap"));
}

// In iter.Pull the sequence is the first function literal, next and stop are the others.
bool pulls_a_value(const Snapshot& snapshot, const Goroutine& goroutine) {
  for (snapshot::FrameId frame : snapshot.stacks[goroutine.stack])
    if (std::string_view name = function_of(snapshot, frame); name.starts_with("iter.Pull"))
      return name.find(".func1") == std::string_view::npos;
  return false;
}

bool may_be_context_done(const Snapshot& snapshot, const Wait& wait) {
  bool receives =
      wait.operation == WaitOperation::kReceive || wait.operation == WaitOperation::kSelectReceive;
  return receives && wait.capacity == 0 && snapshot.strings[wait.element_type] == "struct {}";
}

WaiterCounts::WaiterCounts(const Snapshot& snapshot) {
  counts_.reserve(snapshot.waits.size());
  for (const Wait& wait : snapshot.waits) ++counts_[wait.address];
}

std::uint32_t WaiterCounts::of(Address waited_on) const {
  auto found = counts_.find(waited_on);
  return found == counts_.end() ? 0 : found->second;
}

snapshot::FrameId find_blocking_frame(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::span<const snapshot::FrameId> frames = snapshot.stacks[goroutine.stack];
  for (snapshot::FrameId frame : frames)
    if (!is_runtime_or_lock(function_of(snapshot, frame))) return frame;
  return frames.empty() ? snapshot::kNone : frames.front();
}

std::string_view choose_rule(const Snapshot& snapshot, const WaiterCounts& waiters,
                             const Goroutine& goroutine) {
  switch (goroutine.wait_kind) {
    case WaitKind::kNilChanReceive:
    case WaitKind::kNilChanSend:
      return "goroutine/nil-channel";
    case WaitKind::kSelectNoCases:
      return "goroutine/empty-select";
    case WaitKind::kSelect:
      if (goroutine.wait_count == 0) return "goroutine/nil-channel";
      return waits_on_context(snapshot, goroutine) ? "goroutine/lost-cancel"
                                                   : "goroutine/blocked-select";
    case WaitKind::kChanReceive:
      return waits_on_context(snapshot, goroutine) ? "goroutine/lost-cancel"
                                                   : "goroutine/blocked-receive";
    case WaitKind::kChanSend:
      return is_abandoned_result(snapshot, waiters, goroutine) ? "goroutine/abandoned-result"
                                                               : "goroutine/blocked-send";
    case WaitKind::kRWMutexRLock:
    case WaitKind::kRWMutexLock:
      return "goroutine/rwmutex";
    case WaitKind::kWaitGroupWait:
      return "goroutine/waitgroup";
    case WaitKind::kCondWait:
      return "goroutine/cond";
    case WaitKind::kCoroutine:
      return "goroutine/coroutine";
    default:
      return "goroutine/mutex";
  }
}

std::string_view choose_rule_of_growth(const Snapshot& snapshot, const WaiterCounts& waiters,
                                       const Goroutine& goroutine) {
  if (is_at_work(goroutine)) return "goroutine/runaway";
  switch (goroutine.wait_kind) {
    case WaitKind::kIo:
      return will_time_out(snapshot, goroutine) ? "" : "goroutine/io-wait";
    case WaitKind::kNilChanReceive:  // never run again, whatever else is the case
    case WaitKind::kNilChanSend:
    case WaitKind::kSelectNoCases:
    case WaitKind::kSynctest:
    case WaitKind::kRuntime:
    case WaitKind::kNotWaiting:
    case WaitKind::kUnknown:
      return {};
    default:
      break;
  }
  if (waits_of(snapshot, goroutine).empty()) return {};
  return !waits_on_context(snapshot, goroutine) && waits_for_timer(snapshot, goroutine)
             ? "goroutine/runaway"
             : choose_rule(snapshot, waiters, goroutine);
}

std::string_view choose_rule_of_suspicion(const Snapshot& snapshot, const WaiterCounts& waiters,
                                          const Goroutine& goroutine) {
  std::string_view rule = choose_rule(snapshot, waiters, goroutine);
  if (rule != "goroutine/lost-cancel") return rule;
  return goroutine.wait_kind == WaitKind::kSelect ? "goroutine/blocked-select"
                                                  : "goroutine/blocked-receive";
}

}  // namespace goshawk::analyses::goroutines
