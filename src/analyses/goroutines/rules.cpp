// Rules by wait kind first, then by the shape of the wait: a context's done channel means a lost
// cancel; one sender, alone on an unbuffered channel, started by the function that made the
// channel, means a result that its reader has given up on (the timed-out handler).
#include "analyses/goroutines/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Wait;
using snapshot::WaitKind;
using snapshot::WaitOperation;

namespace {

std::span<const Wait> waits_of(const Snapshot& snapshot, const Goroutine& goroutine) {
  return std::span(snapshot.waits).subspan(goroutine.first_wait, goroutine.wait_count);
}

bool waits_on_context(const Snapshot& snapshot, const Goroutine& goroutine) {
  return std::ranges::any_of(waits_of(snapshot, goroutine), &Wait::is_context_done);
}

std::string_view function_of(const Snapshot& snapshot, snapshot::FrameId frame) {
  if (frame == snapshot::kNone) return {};
  return snapshot.strings[snapshot.stacks.frame(frame).function];
}

// "main.handle.func1" is a literal inside "main.handle".
bool is_literal_inside(std::string_view function, std::string_view outer) {
  return !outer.empty() && function.starts_with(outer) &&
         (function.substr(outer.size()).starts_with(".func") ||
          function.substr(outer.size()).starts_with(".gowrap"));
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
                                  "time.Sleep", "reflect.", "internal/poll."})
    if (function.starts_with(prefix)) return true;
  return false;
}

std::string_view operation_text(WaitOperation operation) {
  switch (operation) {
    case WaitOperation::kReceive:
    case WaitOperation::kSelectReceive:
      return "to receive from";
    case WaitOperation::kSend:
    case WaitOperation::kSelectSend:
      return "to send to";
    case WaitOperation::kSemaphore:
      return "for";
    case WaitOperation::kCond:
      return "for a signal of";
  }
  return "on";
}

std::string buffer_text(const Wait& wait) {
  if (wait.capacity == 0) return "an unbuffered";
  if (wait.length == wait.capacity) return fmt::format("a full (capacity {})", wait.capacity);
  if (wait.length == 0) return fmt::format("an empty (capacity {})", wait.capacity);
  return fmt::format("a (capacity {}, {} in it)", wait.capacity, wait.length);
}

std::string thing_text(const Snapshot& snapshot, const Goroutine& goroutine, const Wait& wait) {
  if (wait.operation == WaitOperation::kCond) return "a sync.Cond";
  if (wait.operation == WaitOperation::kSemaphore) {
    switch (goroutine.wait_kind) {
      case WaitKind::kMutexLock:
        return "a sync.Mutex that stays locked";
      case WaitKind::kRWMutexRLock:
        return "a sync.RWMutex whose writer never unlocks";
      case WaitKind::kRWMutexLock:
        return "a sync.RWMutex that stays locked";
      case WaitKind::kWaitGroupWait:
        return wait.lock_state > 0
                   ? fmt::format("a sync.WaitGroup whose counter stays at {}", wait.lock_state)
                   : std::string("a sync.WaitGroup whose counter stays above zero");
      default:
        return "a semaphore";
    }
  }
  if (wait.is_context_done) return "the Done channel of a context that nobody can cancel";
  std::string_view element = snapshot.strings[wait.element_type];
  return element.empty() ? fmt::format("{} channel", buffer_text(wait))
                         : fmt::format("{} channel of {}", buffer_text(wait), element);
}

std::string by_definition(WaitKind kind) {
  switch (kind) {
    case WaitKind::kNilChanReceive:
      return "receives from a nil channel, which blocks for ever";
    case WaitKind::kNilChanSend:
      return "sends to a nil channel, which blocks for ever";
    case WaitKind::kSelectNoCases:
      return "waits in select {}, which blocks for ever";
    default:
      return "selects among nil channels only, which blocks for ever";
  }
}

// One wait of a member; its address only when the reader can use it (a single goroutine).
std::string wait_text(const Snapshot& snapshot, const Goroutine& goroutine, const Wait& wait,
                      bool with_address) {
  std::string text =
      fmt::format("{} {}", operation_text(wait.operation), thing_text(snapshot, goroutine, wait));
  if (with_address) text += fmt::format(" at {:#x}", wait.address.value());
  return text;
}

}  // namespace

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
    default:
      return "goroutine/mutex";
  }
}

std::string describe_waits(const Snapshot& snapshot, const std::vector<const Goroutine*>& group) {
  const Goroutine& first = *group.front();
  std::span<const Wait> waits = waits_of(snapshot, first);
  if (waits.empty()) return by_definition(first.wait_kind);
  bool alone = group.size() == 1;
  std::string text = alone ? "waits " : "each waits ";
  for (std::size_t i = 0; i < waits.size() && i < 4; ++i) {
    if (i > 0) text += ", or ";
    text += wait_text(snapshot, first, waits[i], alone);
  }
  if (waits.size() > 4) text += fmt::format(", or {} more", waits.size() - 4);
  if (alone || waits.size() != 1) return text;
  std::set<Address> distinct;
  for (const Goroutine* member : group)
    for (const Wait& wait : waits_of(snapshot, *member)) distinct.insert(wait.address);
  if (distinct.size() == 1)
    return text + fmt::format(" at {:#x}, all on the same one", distinct.begin()->value());
  return text + (distinct.size() == group.size() ? ", each on its own"
                                                 : fmt::format(", on {} of them", distinct.size()));
}

std::string advise(std::string_view rule, const Snapshot& snapshot, const Goroutine& member) {
  std::string_view name = function_of(snapshot, member.created_by);
  std::string creator(name.empty() ? "the creator" : name);
  if (rule == "goroutine/blocked-receive")
    return fmt::format(
        "close the channel when {} is done with it, or receive in a select with ctx.Done()",
        creator);
  if (rule == "goroutine/abandoned-result")
    return fmt::format(
        "give the channel a buffer of one in {}, so that the send never waits for a reader that "
        "has left",
        creator);
  if (rule == "goroutine/blocked-send")
    return "send in a select with ctx.Done(), or keep the reader until every sender has finished";
  if (rule == "goroutine/blocked-select")
    return "add a case <-ctx.Done() and cancel that context when the work is over";
  if (rule == "goroutine/lost-cancel")
    return fmt::format(
        "call the context's cancel function on every path, best by defer cancel(), where {} starts "
        "this",
        creator);
  if (rule == "goroutine/nil-channel")
    return "make the channel before use: an operation on a nil channel never completes";
  if (rule == "goroutine/empty-select")
    return "wait for a signal or ctx.Done() instead of select {}, or end the goroutine";
  if (rule == "goroutine/rwmutex")
    return "unlock on every path, best by defer, and never take a read lock twice";
  if (rule == "goroutine/waitgroup")
    return "call Done on every path, best by defer, exactly as often as Add counted";
  if (rule == "goroutine/cond")
    return "call Signal or Broadcast after every change that Wait waits for, shutdown included";
  return "unlock on every path, best by defer mu.Unlock() right after Lock";
}

}  // namespace goshawk::analyses::goroutines
