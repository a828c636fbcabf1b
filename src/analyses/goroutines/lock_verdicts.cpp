// The greatest set in which everybody waits for one who has ended or is in it: all waiters are
// assumed to be, and who waits for somebody else is taken out until nobody is. So a ring stays.
//
// Words that contradict (two have it by their code, more readers than the lock counts) single out
// nobody. An uncertain holder (on one of several ways, or unlocked through an interface perhaps)
// may be the true one: unless it never runs again either, nobody is singled out.
//
// Not seen, and then the verdict may be wrong: an Unlock by another goroutine of what this one
// would unlock too. That is a mistake in most programs, and a fatal one when both come to it.
#include "analyses/goroutines/lock_verdicts.h"

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::LockHold;
using snapshot::LockKind;
using snapshot::Status;
using Holding = LockHolders::Holding;

namespace {

constexpr std::size_t kMostHoldings =
    256;  // of one lock; a picture from a file may have any number

}  // namespace

LockVerdicts::LockVerdicts(const snapshot::Snapshot& snapshot, const Proof& proof,
                           const Holders& holders)
    : snapshot_(snapshot),
      locks_(snapshot),
      ended_(snapshot.goroutines.size()),
      stuck_(snapshot.goroutines.size()),
      blockers_(snapshot.goroutines.size()) {
  if (snapshot.locks.empty() || snapshot.held_locks.empty()) return;
  std::vector<std::size_t> waiters;
  for (std::size_t i = 0; i < ended_.size(); ++i) {
    ended_[i] = proof.states[i] == State::kLeaked ||
                (proof.states[i] == State::kHeld && holders.of(i) != Holder::kNone);
    if (ended_[i] || proof.states[i] == State::kUnknown || !is_certain_to_wait(i)) continue;
    stuck_[i] = true;
    waiters.push_back(i);
  }
  take_out_those_of_others(waiters);
}

void LockVerdicts::take_out_those_of_others(const std::vector<std::size_t>& waiters) {
  std::unordered_map<std::size_t, std::vector<std::size_t>> dependents;  // on one who may be out
  std::vector<std::size_t> left(stuck_.size()), out;
  for (std::size_t waiter : waiters) {
    blockers_[waiter] = find_blockers(waiter);
    std::erase_if(blockers_[waiter],
                  [&](const Holding& one) { return !never_runs(one.goroutine); });
    left[waiter] = blockers_[waiter].size();
    for (const Holding& one : blockers_[waiter])
      if (!ended_[one.goroutine]) dependents[one.goroutine].push_back(waiter);
    if (left[waiter] == 0) out.push_back(waiter);
  }
  while (!out.empty()) {
    std::size_t waiter = out.back();
    out.pop_back();
    stuck_[waiter] = false;
    for (std::size_t dependent : dependents[waiter])
      if (--left[dependent] == 0) out.push_back(dependent);
  }
}

Holding LockVerdicts::waits_for(std::size_t goroutine) const {
  return *std::ranges::find_if(blockers_[goroutine],
                               [&](const Holding& one) { return never_runs(one.goroutine); });
}

// As for a proof, but for where the lock lies; and its words agree.
bool LockVerdicts::is_certain_to_wait(std::size_t index) const {
  const Goroutine& goroutine = snapshot_.goroutines[index];
  std::uint32_t lock = locks_.lock_of(static_cast<GoroutineIndex>(index));
  if (lock == kNone || !snapshot_.locks[lock].known) return false;
  return goroutine.status == Status::kWaiting && goroutine.parked && !goroutine.scanning &&
         goroutine.stack_complete && goroutine.waits_complete && goroutine.doubt == kNone &&
         !goroutine.in_cgo_callback && !goroutine.system &&
         waits_of(snapshot_, goroutine)[0].linked;
}

LockVerdicts::Blockers LockVerdicts::find_blockers(std::size_t waiter) const {
  std::uint32_t lock = locks_.lock_of(static_cast<GoroutineIndex>(waiter));
  LockKind kind = snapshot_.locks[lock].kind;
  if (kind == LockKind::kMutex) return find_sole(lock, LockHold::kMutex);
  if (kind != LockKind::kRWMutex) return {};
  GoroutineIndex writer = locks_.waiting_writer(lock);
  if (writer == kNone) return find_sole(lock, LockHold::kWrite);
  return writer == waiter ? find_readers(lock) : Blockers{{writer, nullptr}};
}

LockVerdicts::Blockers LockVerdicts::find_sole(std::uint32_t lock, LockHold hold) const {
  const Blockers& holdings = locks_.holdings(lock, hold);
  if (holdings.size() > kMostHoldings) return {};
  std::optional<Holding> sole;
  for (const Holding& one : holdings) {
    if (one.held->certain) {
      if (sole && sole->goroutine != one.goroutine) return {};
      if (!sole || one.held->unlocks_ahead) sole = one;
    } else if (!ended_[one.goroutine]) {
      return {};
    }
  }
  return sole && sole->held->unlocks_ahead ? Blockers{*sole} : Blockers{};
}

LockVerdicts::Blockers LockVerdicts::find_readers(std::uint32_t lock) const {
  const Blockers& holdings = locks_.holdings(lock, LockHold::kRead);
  if (holdings.size() > kMostHoldings) return {};
  Blockers found;
  std::set<GoroutineIndex> readers;
  for (const Holding& one : holdings) {
    if (!one.held->certain) continue;
    readers.insert(one.goroutine);
    if (one.held->unlocks_ahead) found.push_back(one);
  }
  bool fits = readers.size() <= static_cast<std::size_t>(snapshot_.locks[lock].more);
  return fits ? found : Blockers{};
}

}  // namespace goshawk::analyses::goroutines
