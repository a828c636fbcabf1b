// The conditions under which a goroutine may be proven leaked at all; each doubt falls to the side
// of life. Follows runtime/mgc.go (goroutine leak candidates, 1.26) where that is right, and is
// stricter where it is not (a C callback in the stack, a waiter that is just being woken).
#include "analyses/goroutines/standing.h"

#include <algorithm>
#include <span>

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::Place;
using snapshot::Snapshot;
using snapshot::Status;
using snapshot::Wait;
using snapshot::WaitKind;

namespace {

bool waits_for_memory(WaitKind kind) {
  switch (kind) {
    case WaitKind::kNilChanReceive:
    case WaitKind::kNilChanSend:
    case WaitKind::kSelectNoCases:
    case WaitKind::kSelect:
    case WaitKind::kChanReceive:
    case WaitKind::kChanSend:
    case WaitKind::kCondWait:
    case WaitKind::kMutexLock:
    case WaitKind::kRWMutexRLock:
    case WaitKind::kRWMutexLock:
    case WaitKind::kWaitGroupWait:
    case WaitKind::kSemacquire:
      return true;
    default:
      return false;
  }
}

bool waits_by_definition(WaitKind kind) {
  return kind == WaitKind::kNilChanReceive || kind == WaitKind::kNilChanSend ||
         kind == WaitKind::kSelectNoCases;
}

StandingWithReason unknown(std::string_view reason) { return {Standing::kUnknown, reason}; }

// Where the things that it waits on are decides.
StandingWithReason judge_waits(const Goroutine& goroutine, std::span<const Wait> waits) {
  if (!goroutine.waits_complete) return unknown("what it waits on could not be read");
  if (waits.empty()) {
    // A select all of whose channels are nil waits for nothing; goruntime has seen its frame.
    if (goroutine.wait_kind == WaitKind::kSelect) return {Standing::kNever, {}};
    return unknown("it waits on something, but its wait list is empty");
  }
  if (goroutine.select_done) return {Standing::kAlive, {}};
  for (const Wait& wait : waits) {
    if (!wait.linked) return {Standing::kAlive, {}};  // taken out of its queue: it is being woken
    if (wait.place == Place::kImage || wait.place == Place::kOtherStack ||
        wait.place == Place::kElsewhere)
      return {Standing::kAlive, {}};
  }
  bool only_itself =
      std::ranges::all_of(waits, [](const Wait& w) { return w.place == Place::kOwnStack; });
  return {only_itself ? Standing::kNever : Standing::kCandidate, {}};
}

}  // namespace

StandingWithReason compute_standing(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (goroutine.status != Status::kWaiting && goroutine.status != Status::kLeaked) return {};
  if (goroutine.system || goroutine.in_cgo_callback) return {};
  if (goroutine.wait_kind == WaitKind::kUnknown)
    return unknown("a wait reason that this version does not know");
  if (!waits_for_memory(goroutine.wait_kind)) return {};
  if (goroutine.doubt != snapshot::kNone) return unknown(snapshot.strings[goroutine.doubt]);
  if (goroutine.scanning) return unknown("the collector was scanning its stack");
  if (!goroutine.parked) return unknown("it was not parked for certain");
  if (!goroutine.stack_complete) return unknown("its stack could not be unwound");
  if (waits_by_definition(goroutine.wait_kind)) return {Standing::kNever, {}};
  return judge_waits(goroutine,
                     std::span(snapshot.waits).subspan(goroutine.first_wait, goroutine.wait_count));
}

}  // namespace goshawk::analyses::goroutines
