// The proof (design: how a leak is proven). A graph: vertices are the heap's objects and the
// goroutines; an object leads to what it points to, a thing that is waited on leads to those who
// wait on it, a goroutine leads to all that its stack and its g hold. Roots are the collector's own
// without the blocked goroutines' stacks, and every goroutine that is alive by itself. What is not
// reachable from there can never run again, whatever the program does next: so the fixpoint of
// GOLF (Saioc et al., "Dynamic Partial Deadlock Detection and Recovery via Garbage Collection",
// ASPLOS 2025; Go 1.26 runtime/mgc.go) is one walk.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

enum class State : std::uint8_t { kAlive, kLeaked, kUnknown };

struct Proof {
  std::vector<State> states;                      // of snapshot.goroutines
  std::vector<std::string_view> unknown_reasons;  // of the kUnknown ones, "" otherwise
};

// Without references in the picture, or with a doubt that spoils proofs, nobody is leaked: those
// that would have been asked are unknown.
Proof prove(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::goroutines
