// What a goroutine's own facts say, before reachability is asked: does it run by itself, does it
// wait for something that memory decides, or can it not be told?
#pragma once

#include <string_view>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

enum class Standing : std::uint8_t {
  kAlive,      // runs, can run, or waits for what is outside the heap (IO, time, the runtime)
  kCandidate,  // waits only for what reachability decides
  kNever,      // waits for what cannot happen: nil channel, select {}, a lock on its own stack
  kUnknown,    // a fact is missing or contradictory: counted, and live for the proof
};

struct StandingWithReason {
  Standing standing = Standing::kAlive;
  std::string_view reason;  // for kUnknown what is missing, for kAlive how it lives
};

StandingWithReason compute_standing(const snapshot::Snapshot& snapshot,
                                    const snapshot::Goroutine& goroutine);

}  // namespace goshawk::analyses::goroutines
