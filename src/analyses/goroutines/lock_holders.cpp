// Where the code of a goroutine's functions says that they have locked this very lock on every way
// to where they stand (Snapshot::held_locks), that tells. Else the rule is "between Lock and
// Unlock": a goroutine probably holds a lock when one of its frames
// stands between a Lock and its Unlock of that kind (Snapshot::lock_frames), leads to the object in
// which the lock lies, and the goroutine waits for something else. So many locks as its function
// has taken can be told, not more: where a frame leads to more locks that are waited for, nobody is
// named. Who waits for the lock itself is its holder only if nobody else is, and if its frame leads
// to no other object that could have a lock in it.
//
// What an RWMutex waits for follows from its own rules: all wait for a writer that has announced
// itself, and that one for readers. A goroutine in Cond.Wait has given its lock back.
#include "analyses/goroutines/lock_holders.h"

#include <algorithm>

#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using snapshot::kNone;
using snapshot::Lock;
using snapshot::LockFrame;
using snapshot::LockKind;
using snapshot::ObjectId;
using snapshot::WaitKind;

namespace {

constexpr std::size_t kFew = 3;           // holders that are named
constexpr std::size_t kLongestRing = 64;  // that is looked for
// Where there are more nobody is named: a loaded picture may have any number.
constexpr std::size_t kMostLocksInObject = 16, kMostFrames = 64, kMostHoldings = 256;

}  // namespace

LockHolders::LockHolders(const snapshot::Snapshot& snapshot)
    : snapshot_(snapshot),
      waiters_(snapshot.locks.size()),
      writers_(snapshot.locks.size(), kNone),
      held_(snapshot.locks.size()) {
  if (snapshot.locks.empty()) return;
  for (GoroutineIndex i = 0; i < snapshot.goroutines.size(); ++i) {
    std::uint32_t lock = lock_of(i);
    if (lock == kNone) continue;
    waiters_[lock].push_back(i);
    if (snapshot.locks[lock].kind == LockKind::kRWMutex &&
        snapshot.goroutines[i].wait_kind == WaitKind::kRWMutexLock)
      writers_[lock] = i;
  }
  for (std::uint32_t lock = 0; lock < snapshot.locks.size(); ++lock)
    if (snapshot.locks[lock].object != kNone)
      locks_in_[snapshot.locks[lock].object].push_back(lock);
  for (const LockFrame& frame : snapshot.lock_frames) {
    auto found =
        std::ranges::lower_bound(snapshot.goroutines, frame.goid, {}, &snapshot::Goroutine::goid);
    if (found == snapshot.goroutines.end() || found->goid != frame.goid) continue;
    auto index = static_cast<GoroutineIndex>(found - snapshot.goroutines.begin());
    frames_[index].push_back(&frame);
    between_[frame.object].push_back(index);
  }
  for (auto& [object, goroutines] : between_) {
    std::ranges::sort(goroutines);
    goroutines.erase(std::ranges::unique(goroutines).begin(), goroutines.end());
  }
  add_holdings();
  for (std::uint32_t lock = 0; lock < held_.size(); ++lock) {
    if (snapshot.locks[lock].kind == LockKind::kMutex)
      held_[lock].mutexes = find_held(lock, &LockFrame::mutexes);
    if (snapshot.locks[lock].kind != LockKind::kRWMutex) continue;
    held_[lock].writes = find_held(lock, &LockFrame::writes);
    held_[lock].reads = find_held(lock, &LockFrame::reads);
  }
}

std::uint32_t LockHolders::lock_of(GoroutineIndex goroutine) const {
  auto waits = waits_of(snapshot_, snapshot_.goroutines[goroutine]);
  return waits.size() == 1 ? waits[0].lock : kNone;
}

const std::vector<const LockFrame*>& LockHolders::frames_of(GoroutineIndex goroutine) const {
  static const std::vector<const LockFrame*> kNothing;
  auto found = frames_.find(goroutine);
  return found == frames_.end() ? kNothing : found->second;
}

// Its frames that hold this kind lead to no more such locks than it has taken, but for the one that
// it waits for.
bool LockHolders::may_hold(GoroutineIndex goroutine, std::uint32_t lock, Count count) const {
  std::uint32_t own = lock_of(goroutine);
  if (own == lock || snapshot_.goroutines[goroutine].wait_kind == WaitKind::kCondWait) return false;
  std::uint32_t taken = 0;
  bool leads = false;
  if (frames_of(goroutine).size() > kMostFrames) return false;
  std::vector<std::uint32_t> reached;
  for (const LockFrame* frame : frames_of(goroutine)) {
    if (frame->*count == 0) continue;
    taken = std::max(taken, frame->*count);
    leads = leads || frame->object == snapshot_.locks[lock].object;
    auto inside = locks_in_.find(frame->object);
    if (inside == locks_in_.end()) continue;
    if (inside->second.size() > kMostLocksInObject) return false;
    for (std::uint32_t one : inside->second)
      if (one != own && snapshot_.locks[one].kind == snapshot_.locks[lock].kind)
        reached.push_back(one);
  }
  std::ranges::sort(reached);
  reached.erase(std::ranges::unique(reached).begin(), reached.end());
  return leads && reached.size() <= taken;
}

bool LockHolders::holds_itself(GoroutineIndex waiter, std::uint32_t lock, Count count) const {
  const Lock& waited = snapshot_.locks[lock];
  auto inside = locks_in_.find(waited.object);
  if (inside == locks_in_.end() || inside->second.size() != 1) return false;
  return std::ranges::any_of(frames_of(waiter), [&](const LockFrame* frame) {
    return frame->object == waited.object && frame->*count > 0 && frame->alone;
  });
}

void LockHolders::add_holdings() {
  for (const snapshot::HeldLock& held : snapshot_.held_locks) {
    auto found =
        std::ranges::lower_bound(snapshot_.goroutines, held.goid, {}, &snapshot::Goroutine::goid);
    if (found == snapshot_.goroutines.end() || found->goid != held.goid ||
        found->wait_kind == WaitKind::kCondWait)
      continue;
    auto index = static_cast<GoroutineIndex>(found - snapshot_.goroutines.begin());
    std::uint32_t waits_for = lock_of(index);
    if (!held.certain && waits_for != kNone && snapshot_.locks[waits_for].address == held.lock)
      continue;
    holdings_[{held.lock, held.hold}].push_back({index, &held});
  }
  for (auto& [lock, holdings] : holdings_)
    std::ranges::stable_sort(holdings, {}, &Holding::goroutine);
}

const std::vector<LockHolders::Holding>& LockHolders::holdings(std::uint32_t lock,
                                                               snapshot::LockHold hold) const {
  static const std::vector<Holding> kNothing;
  auto known = holdings_.find({snapshot_.locks[lock].address, hold});
  return known == holdings_.end() ? kNothing : known->second;
}

snapshot::LockHold LockHolders::hold_of(Count count) {
  return count == &LockFrame::mutexes  ? snapshot::LockHold::kMutex
         : count == &LockFrame::writes ? snapshot::LockHold::kWrite
                                       : snapshot::LockHold::kRead;
}

std::vector<GoroutineIndex> LockHolders::find_held(std::uint32_t lock, Count count) const {
  std::vector<GoroutineIndex> found;
  const std::vector<Holding>& by_code = holdings(lock, hold_of(count));
  if (by_code.size() > kMostHoldings) return found;
  for (const Holding& one : by_code)
    if (one.held->certain && (found.empty() || found.back() != one.goroutine))
      found.push_back(one.goroutine);
  if (found.empty() && snapshot_.locks[lock].object != kNone)
    found = find_held_by_frames(lock, count);
  if (found.size() > kFew) found.clear();
  return found;
}

std::vector<GoroutineIndex> LockHolders::find_held_by_frames(std::uint32_t lock,
                                                             Count count) const {
  std::vector<GoroutineIndex> found;
  auto between = between_.find(snapshot_.locks[lock].object);
  if (between == between_.end() ||
      locks_in_.at(snapshot_.locks[lock].object).size() > kMostLocksInObject)
    return found;
  for (GoroutineIndex goroutine : between->second)
    if (may_hold(goroutine, lock, count)) found.push_back(goroutine);
  if (found.empty()) {
    for (GoroutineIndex goroutine : between->second)
      if (lock_of(goroutine) == lock && holds_itself(goroutine, lock, count))
        found.push_back(goroutine);
    if (found.size() > 1) found.clear();  // one of them, or somebody who has gone
  }
  return found;
}

std::vector<GoroutineIndex> LockHolders::holders_before(GoroutineIndex waiter) const {
  std::uint32_t lock = lock_of(waiter);
  if (lock == kNone) return {};
  if (snapshot_.locks[lock].kind != LockKind::kRWMutex) return held_[lock].mutexes;
  if (writers_[lock] == waiter) return held_[lock].reads;
  return writers_[lock] != kNone ? std::vector{writers_[lock]} : held_[lock].writes;
}

std::vector<GoroutineIndex> LockHolders::ring_of(GoroutineIndex goroutine) const {
  std::vector<GoroutineIndex> ring;
  GoroutineIndex at = goroutine;
  do {
    ring.push_back(at);
    std::vector<GoroutineIndex> next = holders_before(at);
    if (next.size() != 1 || ring.size() > kLongestRing) return {};
    at = next.front();
  } while (at != goroutine);
  std::ranges::rotate(ring, std::ranges::min_element(ring));
  return ring;
}

}  // namespace goshawk::analyses::goroutines
