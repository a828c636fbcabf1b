// Who waits for a lock that everybody can reach and nobody will unlock: whoever holds it never runs
// again. What becomes `likely`, never a proof.
//
// Condition, for each such goroutine: its lock's words say that it is taken, and by the code of
// exactly one goroutine that is there, this one has it (Snapshot::held_locks): it passed Lock on
// every way to where it stands, passed no Unlock since, and is the one to unlock it, further on or
// by defer. And that goroutine
//   - is proven leaked, is parked for ever, or is likely leaked by what else holds it, or
//   - waits for such a lock itself: a chain that ends at one of the above, or a ring.
// Who waits to write until readers leave waits for all of them: one who never will is enough.
#pragma once

#include <vector>

#include "analyses/goroutines/holders.h"
#include "analyses/goroutines/lock_holders.h"
#include "analyses/goroutines/proof.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

class LockVerdicts {
 public:
  // All must outlive it; holders only while it is made.
  LockVerdicts(const snapshot::Snapshot& snapshot, const Proof& proof, const Holders& holders);

  bool waits_for_ever(std::size_t goroutine) const { return stuck_[goroutine]; }
  // Who it waits for then: one that holds its lock, or a writer that comes first (`held` is null).
  LockHolders::Holding waits_for(std::size_t goroutine) const;

 private:
  using Blockers = std::vector<LockHolders::Holding>;
  bool is_certain_to_wait(std::size_t goroutine) const;
  bool never_runs(GoroutineIndex goroutine) const { return ended_[goroutine] || stuck_[goroutine]; }
  Blockers find_blockers(std::size_t waiter) const;
  Blockers find_sole(std::uint32_t lock, snapshot::LockHold hold) const;
  Blockers find_readers(std::uint32_t lock) const;
  void take_out_those_of_others(const std::vector<std::size_t>& waiters);

  const snapshot::Snapshot& snapshot_;
  LockHolders locks_;
  std::vector<bool> ended_;  // never run again, whatever becomes of locks
  std::vector<bool> stuck_;
  std::vector<Blockers> blockers_;  // one of them is enough
};

}  // namespace goshawk::analyses::goroutines
