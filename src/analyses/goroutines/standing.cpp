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

bool waits_for_memory(const Goroutine& goroutine) {
  switch (goroutine.wait_kind) {
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
    case WaitKind::kCoroutine:
      return goroutine.wait_count > 0;  // which coro it is in, is not always found
    default:
      return false;
  }
}

bool waits_by_definition(WaitKind kind) {
  return kind == WaitKind::kNilChanReceive || kind == WaitKind::kNilChanSend ||
         kind == WaitKind::kSelectNoCases;
}

StandingWithReason unknown(std::string_view reason) { return {Standing::kUnknown, reason}; }
StandingWithReason alive(std::string_view reason) { return {Standing::kAlive, reason}; }

// Of one that memory does not decide about.
std::string_view how_it_lives(const Goroutine& goroutine) {
  switch (goroutine.status) {
    case Status::kRunning:
      return "it runs";
    case Status::kRunnable:
    case Status::kPreempted:
      return "it can run and waits only for a processor";
    case Status::kSyscall:
      return "it is in a system call or in C code";
    case Status::kWaiting:
    case Status::kLeaked:
      break;
    default:
      return "the runtime is just at work on it";
  }
  switch (goroutine.wait_kind) {
    case WaitKind::kIo:
      return "it waits for the network or a file";
    case WaitKind::kSleep:
      return "it sleeps until its timer fires";
    case WaitKind::kCoroutine:
      return "it is an iterator that can be asked for the next value (iter.Pull)";
    case WaitKind::kSynctest:
      return "it waits for the goroutines of its synctest bubble";
    default:
      return "the runtime wakes it";
  }
}

std::string_view why_reachable(Place place) {
  switch (place) {
    case Place::kImage:
      return "what it waits on is, or is in, a global variable";
    case Place::kOtherStack:
      return "what it waits on lies on another goroutine's stack";
    default:
      return "what it waits on lies outside of Go's heap, where nothing can be proven";
  }
}

// Where the things that it waits on are decides.
StandingWithReason judge_waits(const Goroutine& goroutine, std::span<const Wait> waits) {
  if (!goroutine.waits_complete) return unknown("what it waits on could not be read");
  if (waits.empty()) {
    // A select all of whose channels are nil waits for nothing; goruntime has seen its frame.
    if (goroutine.wait_kind == WaitKind::kSelect) return {Standing::kNever, {}};
    return unknown("it waits on something, but its wait list is empty");
  }
  if (goroutine.select_done) return alive("it is just being woken");
  for (const Wait& wait : waits) {
    if (!wait.linked) return alive("it is just being woken");  // taken out of its queue
    if (wait.place == Place::kImage || wait.place == Place::kOtherStack ||
        wait.place == Place::kElsewhere)
      return alive(why_reachable(wait.place));
  }
  bool only_itself =
      std::ranges::all_of(waits, [](const Wait& w) { return w.place == Place::kOwnStack; });
  return {only_itself ? Standing::kNever : Standing::kCandidate, {}};
}

}  // namespace

StandingWithReason compute_standing(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (goroutine.system) return alive("it is the runtime's own");
  if (goroutine.status != Status::kWaiting && goroutine.status != Status::kLeaked)
    return alive(how_it_lives(goroutine));
  if (goroutine.in_cgo_callback) return alive("C code called it, and may hold what wakes it");
  if (goroutine.wait_kind == WaitKind::kUnknown)
    return unknown("a wait reason that this version does not know");
  if (!waits_for_memory(goroutine)) return alive(how_it_lives(goroutine));
  if (goroutine.doubt != snapshot::kNone) return unknown(snapshot.strings[goroutine.doubt]);
  if (goroutine.scanning) return unknown("the collector was scanning its stack");
  if (!goroutine.parked) return unknown("it was not parked for certain");
  if (!goroutine.stack_complete) return unknown("its stack could not be unwound");
  if (waits_by_definition(goroutine.wait_kind)) return {Standing::kNever, {}};
  return judge_waits(goroutine,
                     std::span(snapshot.waits).subspan(goroutine.first_wait, goroutine.wait_count));
}

}  // namespace goshawk::analyses::goroutines
