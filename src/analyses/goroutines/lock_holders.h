// Who probably holds a lock that others wait for. Evidence, never proof: no verdict rests on it.
#pragma once

#include <cstdint>
#include <unordered_map>
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

  // The ring that a goroutine is in, from the one with the lowest id on: each waits for what the
  // next one, and nobody else, probably holds. Empty: in none.
  std::vector<GoroutineIndex> ring_of(GoroutineIndex goroutine) const;

 private:
  using Count = std::uint32_t snapshot::LockFrame::*;
  // Who probably holds one lock, each way.
  struct Held {
    std::vector<GoroutineIndex> mutexes, writes, reads;
  };
  std::vector<GoroutineIndex> find_held(std::uint32_t lock, Count count) const;
  bool may_hold(GoroutineIndex goroutine, std::uint32_t lock, Count count) const;
  bool holds_itself(GoroutineIndex waiter, std::uint32_t lock, Count count) const;
  const std::vector<const snapshot::LockFrame*>& frames_of(GoroutineIndex goroutine) const;

  const snapshot::Snapshot& snapshot_;
  std::vector<std::vector<GoroutineIndex>> waiters_;  // by lock, as the next two
  std::vector<GoroutineIndex> writers_;
  std::vector<Held> held_;
  std::unordered_map<GoroutineIndex, std::vector<const snapshot::LockFrame*>> frames_;
  std::unordered_map<snapshot::ObjectId, std::vector<std::uint32_t>> locks_in_;
  std::unordered_map<snapshot::ObjectId, std::vector<GoroutineIndex>> between_;  // ascending
};

}  // namespace goshawk::analyses::goroutines
