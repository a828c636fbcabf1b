// The proof (design: how a leak is proven): the graph of wake_graph.h, its roots the collector's
// own without the blocked goroutines' stacks, and every goroutine that is alive by itself. What is
// not reachable from there can never run again, whatever the program does next: so the fixpoint of
// GOLF (Saioc et al., "Dynamic Partial Deadlock Detection and Recovery via Garbage Collection",
// ASPLOS 2025; Go 1.26 runtime/mgc.go) is one walk.
//
// On its way the walk tells who is reached only through holders that keep things and never wake
// anybody (kHeld, what becomes `likely`): it first stops at them, and then goes on.
//   - a lasting context's map of children: it cancels them when the context itself is cancelled,
//     at the program's end. Who is reached through it alone waits for a context whose own cancel
//     function nobody has any more.
//   - a timer or ticker that was stopped or has fired, in a program without code that could set it
//     again: nothing will ever be sent to its channel.
//   - what a finalizer or cleanup refers to, when its object is reached only from goroutines that
//     wait for it: as long as they wait, it never runs.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyses/goroutines/wake_graph.h"
#include "analyses/goroutines/walls.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

inline constexpr std::uint64_t kMainGoroutine = 1;

enum class State : std::uint8_t {
  kAlive,
  kHeld,  // alive for the proof, but only through holders that do not wake
  kLeaked,
  kUnknown,
};

struct Proof {
  std::vector<State> states;                      // of snapshot.goroutines
  std::vector<std::string_view> unknown_reasons;  // of the kUnknown ones, "" otherwise
};

Proof prove(const snapshot::Snapshot& snapshot, const WakeGraph& wakes,
            IdleTimers timers = IdleTimers::kAsTheCodeSays);
// Without references in the picture, or with a doubt that spoils proofs, nobody is leaked: those
// that would have been asked are unknown.
Proof prove_nothing(const std::vector<StandingWithReason>& standings, std::string_view why);
// Why no proof may be made of this picture; empty when one may.
std::string_view spoiled_by(const snapshot::Snapshot& snapshot);

// Whether what this root refers to is there for a finalizer or cleanup of another object.
bool is_for_finalizer(const snapshot::Root& root);

}  // namespace goshawk::analyses::goroutines
