// What was decided of every goroutine of a picture, and by what: the findings are made of it, and
// the story of a single one.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "analyses/goroutines/endless_loops.h"
#include "analyses/goroutines/holders.h"
#include "analyses/goroutines/lock_verdicts.h"
#include "analyses/goroutines/proof.h"
#include "analyses/goroutines/unstoppable_loops.h"
#include "analyses/goroutines/wake_graph.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// The picture must outlive it.
struct Judgement {
  explicit Judgement(const snapshot::Snapshot& picture);
  Judgement(const Judgement&) = delete;  // its parts refer to each other

  const snapshot::Snapshot& snapshot;
  std::vector<StandingWithReason> standings;
  std::string_view spoiled;        // why no proof may be made of this picture; empty: one was
  std::optional<WakeGraph> wakes;  // this, holders and locks: where a proof was made
  Proof proof;
  std::optional<Holders> holders;
  std::optional<LockVerdicts> locks;
  std::vector<Holder> loops;        // find_unstoppable_loops
  std::vector<bool> endless_loops;  // find_endless_loops

  // kNone: of a goroutine that is proven leaked, or not held, or by nothing that leaves it asleep.
  Holder holder_of(std::size_t goroutine) const;
};

}  // namespace goshawk::analyses::goroutines
