// Who probably holds a lock that others wait for. Evidence, never proof.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analyses/goroutines/cost.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

class LockHolders {
 public:
  // Refers to the picture, which must outlive it.
  explicit LockHolders(const snapshot::Snapshot& snapshot);

  // The lock that a goroutine waits for: its number in Snapshot::locks, or kNone.
  std::uint32_t lock_of(GoroutineIndex goroutine) const;
  const std::vector<GoroutineIndex>& waiters(std::uint32_t lock) const { return waiters_[lock]; }
  // The writer that has announced itself to an RWMutex and waits for readers to leave: it comes
  // before all others that wait. kNone: there is none.
  GoroutineIndex waiting_writer(std::uint32_t lock) const { return writers_[lock]; }

  // Who has to leave before `waiter` gets what it waits for, itself perhaps: few, or none when
  // nobody is singled out. Ascending.
  std::vector<GoroutineIndex> holders_before(GoroutineIndex waiter) const;

  // Who holds it by their code, certain or not (Snapshot::held_locks); but not who is in Cond.Wait,
  // nor, uncertain, who waits for it. By goroutine.
  struct Holding {
    GoroutineIndex goroutine;
    const snapshot::HeldLock* held;
  };
  const std::vector<Holding>& holdings(std::uint32_t lock, snapshot::LockHold hold) const;

  // The ring that a goroutine is in, from the one with the lowest id on: each waits for what the
  // next one, and nobody else, probably holds. Empty: in none.
  std::vector<GoroutineIndex> ring_of(GoroutineIndex goroutine) const;

 private:
  using Count = std::uint32_t snapshot::LockFrame::*;
  static snapshot::LockHold hold_of(Count count);
  void add_holdings();
  // Who probably holds one lock, each way.
  struct Held {
    std::vector<GoroutineIndex> mutexes, writes, reads;
  };
  std::vector<GoroutineIndex> find_held(std::uint32_t lock, Count count) const;
  std::vector<GoroutineIndex> find_held_by_frames(std::uint32_t lock, Count count) const;
  bool may_hold(GoroutineIndex goroutine, std::uint32_t lock, Count count) const;
  bool holds_itself(GoroutineIndex waiter, std::uint32_t lock, Count count) const;
  const std::vector<const snapshot::LockFrame*>& frames_of(GoroutineIndex goroutine) const;

  const snapshot::Snapshot& snapshot_;
  std::vector<std::vector<GoroutineIndex>> waiters_;  // by lock, as the next two
  std::vector<GoroutineIndex> writers_;
  std::vector<Held> held_;
  std::map<std::pair<Address, snapshot::LockHold>, std::vector<Holding>> holdings_;
  std::unordered_map<GoroutineIndex, std::vector<const snapshot::LockFrame*>> frames_;
  std::unordered_map<snapshot::ObjectId, std::vector<std::uint32_t>> locks_in_;
  std::unordered_map<snapshot::ObjectId, std::vector<GoroutineIndex>> between_;  // ascending
};

}  // namespace goshawk::analyses::goroutines
