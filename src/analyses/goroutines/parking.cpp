// Up to Go 1.20 a goroutine does not know who started it: there, only what main.main or an init
// function started itself is known to be of the program's start.
#include "analyses/goroutines/parking.h"

#include "analyses/goroutines/background.h"
#include "analyses/goroutines/proof.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::WaitKind;

namespace {

// "main.main", "example.com/app/db.init", "main.init.0"
bool runs_at_start(std::string_view function) {
  if (function == "main.main") return true;
  std::size_t number = function.find_last_not_of("0123456789");
  if (number != std::string_view::npos && number + 1 < function.size() && function[number] == '.')
    function = function.substr(0, number);
  return function.ends_with(".init") && !function.ends_with(").init");  // no method of that name
}

// As a program waits for its end; what waits for a lock or for others to finish is stuck.
bool waits_for_no_more(WaitKind kind) {
  return kind == WaitKind::kSelectNoCases || kind == WaitKind::kSelect ||
         kind == WaitKind::kChanReceive || kind == WaitKind::kNilChanReceive;
}

}  // namespace

Parking::Parking(const Snapshot& snapshot) : snapshot_(snapshot) {
  for (const Goroutine& goroutine : snapshot.goroutines) {
    if (goroutine.created_by == snapshot::kNone) continue;
    const snapshot::Frame& frame = snapshot.stacks.frame(goroutine.created_by);
    ++started_[snapshot.strings[frame.function]][frame.line];
  }
}

std::string_view Parking::why_on_purpose(const Goroutine& goroutine) const {
  if (goroutine.goid == kMainGoroutine && waits_for_no_more(goroutine.wait_kind))
    return "it is main, which many programs let wait for ever";
  if (!was_started_at_start(goroutine)) return {};
  const snapshot::Frame& frame = snapshot_.stacks.frame(goroutine.created_by);
  if (started_.at(snapshot_.strings[frame.function]).at(frame.line) != 1) return {};
  if (const findings::KnownBackground* known = find_background(snapshot_, goroutine))
    return known->reason;
  if (goroutine.wait_kind != WaitKind::kSelectNoCases) return {};
  return "it is the only one left of its go statement, started by main or an init function, and "
         "waits in select {}";
}

bool Parking::was_started_at_start(const Goroutine& goroutine) const {
  if (goroutine.created_by == snapshot::kNone) return false;
  if (goroutine.creator_goid != 0) return goroutine.creator_goid == kMainGoroutine;
  return runs_at_start(function_of(snapshot_, goroutine.created_by));
}

}  // namespace goshawk::analyses::goroutines
