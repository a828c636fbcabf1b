// One sentence a lock, three at most in a group, and one for a ring. Who is in the ring is not told
// to hold its lock twice. A WaitGroup has no holder: those that should call Done are looked for
// among the leaked goroutines whose stacks refer to it.
#include "analyses/goroutines/locks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/lock_holders.h"
#include "analyses/goroutines/lock_owners.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using findings::Finding;
using findings::WaitedLock;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Lock;
using snapshot::LockKind;
using snapshot::ObjectId;
using snapshot::Snapshot;

namespace {

constexpr std::size_t kToldLocks = 3;
constexpr std::size_t kToldPlaces = 3;
constexpr std::size_t kToldSteps = 6;
constexpr std::int32_t kLocked = 1, kStarving = 4;  // sync.Mutex.state

std::string_view kind_text(LockKind kind) {
  switch (kind) {
    case LockKind::kMutex:
      return "sync.Mutex";
    case LockKind::kRWMutex:
      return "sync.RWMutex";
    case LockKind::kWaitGroup:
      return "sync.WaitGroup";
    case LockKind::kCond:
      break;
  }
  return "sync.Cond";
}

std::string count_text(std::uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

class Teller {
 public:
  Teller(const Judgement& judgement, snapshot::PathDescriber* describer, const Fates& fates,
         const std::vector<std::vector<GoroutineIndex>>& members)
      : judgement_(judgement),
        snapshot_(judgement.snapshot),
        describer_(describer),
        fates_(fates),
        holders_(snapshot_) {
    for (const Lock& lock : snapshot_.locks)
      if (lock.kind == LockKind::kWaitGroup && lock.object != kNone) ++wait_groups_[lock.object];
    for (const std::vector<GoroutineIndex>& group : members)
      for (GoroutineIndex member : group) add_referrer(member);
  }

  void tell(const std::vector<GoroutineIndex>& group, Finding& finding) const {
    std::map<std::uint32_t, GoroutineIndex> locks;  // and one that waits for each
    std::set<std::vector<GoroutineIndex>> rings;
    std::set<GoroutineIndex> in_rings;
    for (GoroutineIndex member : group) {
      std::uint32_t lock = holders_.lock_of(member);
      if (lock == kNone) continue;
      locks.try_emplace(lock, member);
      if (in_rings.contains(member)) continue;
      std::vector<GoroutineIndex> ring = holders_.ring_of(member);
      in_rings.insert(ring.begin(), ring.end());
      if (!ring.empty()) rings.insert(std::move(ring));
    }
    if (locks.empty()) return;
    for (const auto& [lock, waiter] : locks) finding.locks.push_back(describe(lock, waiter));
    std::ranges::sort(finding.locks, {}, &WaitedLock::address);
    tell_locks_of(locks, in_rings, finding);
    if (!rings.empty()) tell_ring(*rings.begin(), rings.size(), finding);
  }

 private:
  // Of objects in which a WaitGroup lies that somebody waits for, and only one.
  void add_referrer(GoroutineIndex member) {
    if (snapshot_.goroutine_root_rows.empty()) return;
    const std::vector<std::uint32_t>& rows = snapshot_.goroutine_root_rows;
    for (std::uint32_t at = rows[member]; at < rows[member + 1]; ++at)
      if (auto found = wait_groups_.find(snapshot_.goroutine_roots[at]);
          found != wait_groups_.end() && found->second == 1)
        referrers_[found->first].insert(member);
  }

  std::vector<GoroutineIndex> referrers_of(std::uint32_t number) const {
    const Lock& lock = snapshot_.locks[number];
    std::vector<GoroutineIndex> found;
    auto known = referrers_.find(lock.object);
    if (lock.kind != LockKind::kWaitGroup || known == referrers_.end()) return found;
    for (GoroutineIndex goroutine : known->second)
      if (holders_.lock_of(goroutine) != number) found.push_back(goroutine);
    return found;
  }

  WaitedLock describe(std::uint32_t number, GoroutineIndex waiter) const {
    const Lock& lock = snapshot_.locks[number];
    WaitedLock told;
    told.kind = kind_text(lock.kind);
    told.name = name_of(lock);
    told.address = lock.address.value();
    if (lock.object != kNone) told.object = snapshot_.objects.address(lock.object).value();
    told.waiters = holders_.waiters(number).size();
    if (lock.known) describe_state(number, told);
    for (GoroutineIndex holder : holders_.holders_before(waiter))
      told.holders.push_back(snapshot_.goroutines[holder].goid);
    for (GoroutineIndex referrer : referrers_of(number))
      told.referrers.push_back(snapshot_.goroutines[referrer].goid);
    if (judgement_.locks) told.chain = chain_of(snapshot_, *judgement_.locks, fates_, waiter);
    return told;
  }

  // Of one in a global variable.
  std::string name_of(const Lock& lock) const {
    if (lock.object != kNone || describer_ == nullptr) return "";
    snapshot::HoldingPath path;
    path.root = {.kind = snapshot::RootKind::kGlobal, .source = lock.address};
    return describer_->describe(path);
  }

  void describe_state(std::uint32_t number, WaitedLock& told) const {
    const Lock& lock = snapshot_.locks[number];
    switch (lock.kind) {
      case LockKind::kMutex:
        told.locked = (lock.state & kLocked) != 0;
        told.starving = (lock.state & kStarving) != 0;
        break;
      case LockKind::kRWMutex:
        told.writer_holds = holders_.waiting_writer(number) == kNone;
        if (!*told.writer_holds) told.readers = static_cast<std::uint64_t>(lock.more);
        break;
      case LockKind::kWaitGroup:
        told.counter = static_cast<std::uint64_t>(lock.state);
        break;
      case LockKind::kCond:
        break;
    }
  }

  void tell_locks_of(const std::map<std::uint32_t, GoroutineIndex>& locks,
                     const std::set<GoroutineIndex>& in_rings, Finding& finding) const {
    std::size_t told = 0;
    for (const auto& [number, waiter] : locks) {
      if (told++ == kToldLocks) break;
      const WaitedLock& lock = *std::ranges::find(
          finding.locks, snapshot_.locks[number].address.value(), &WaitedLock::address);
      std::string text = lock_text(number, lock.name);
      bool is_told_below = in_rings.contains(waiter) || !lock.chain.empty();
      if (!is_told_below) text += holders_text(waiter);
      finding.evidence.push_back(text + referrers_text(number));
      if (std::string chain = describe_chain(lock.chain);
          !chain.empty() && !in_rings.contains(waiter))
        finding.evidence.push_back(chain);
    }
    if (locks.size() > kToldLocks)
      finding.evidence.push_back(fmt::format(
          "and {} (all of them in JSON)", count_text(locks.size() - kToldLocks, "lock") + " more"));
  }

  // "the sync.Mutex main.server.mu at 0x5a0020", "the sync.Mutex at 0xc000012340, 8 bytes into its
  // object: locked, 3 goroutines wait"
  std::string lock_text(std::uint32_t number, const std::string& name) const {
    const Lock& lock = snapshot_.locks[number];
    std::string text = fmt::format("the {}{}{} at {:#x}", kind_text(lock.kind),
                                   name.empty() ? "" : " ", name, lock.address.value());
    if (lock.object != kNone)
      if (std::uint64_t offset = lock.address - snapshot_.objects.address(lock.object); offset > 0)
        text += fmt::format(", {} bytes into its object", offset);
    std::uint64_t waiters = holders_.waiters(number).size();
    return fmt::format("{}: {}{} wait{}", text, state_text(number),
                       count_text(waiters, "goroutine"), waiters == 1 ? "s" : "");
  }

  std::string state_text(std::uint32_t number) const {
    const Lock& lock = snapshot_.locks[number];
    if (!lock.known) return "";
    switch (lock.kind) {
      case LockKind::kMutex:
        return (lock.state & kStarving) != 0 ? "locked and starving, " : "locked, ";
      case LockKind::kRWMutex:
        return holders_.waiting_writer(number) == kNone
                   ? "a writer holds it, "
                   : fmt::format("a writer waits for {} to leave, ",
                                 count_text(static_cast<std::uint64_t>(lock.more), "reader"));
      case LockKind::kWaitGroup:
        return fmt::format("counter {}, ", lock.state);
      case LockKind::kCond:
        break;
    }
    return "";
  }

  // ", which waits in main.transfer (locks.go:40)"
  std::string place_text(GoroutineIndex goroutine) const {
    const Goroutine& found = snapshot_.goroutines[goroutine];
    findings::CodePlace place = place_of(snapshot_, find_blocking_frame(snapshot_, found));
    if (place.function.empty()) return "";
    return fmt::format(", which {} in {} ({})",
                       found.status == snapshot::Status::kWaiting ? "waits" : "is", place.function,
                       line_text(place));
  }

  std::string holders_text(GoroutineIndex waiter) const {
    std::vector<GoroutineIndex> holders = holders_.holders_before(waiter);
    std::string text;
    for (GoroutineIndex holder : holders)
      text +=
          fmt::format("{} goroutine {}{}",
                      text.empty() ? fmt::format("; {} by", relation_text(waiter, holder)) : " and",
                      snapshot_.goroutines[holder].goid, place_text(holder));
    return text;
  }

  // A writer that has announced itself comes first for certain.
  std::string_view relation_text(GoroutineIndex waiter, GoroutineIndex holder) const {
    std::uint32_t lock = holders_.lock_of(waiter);
    return holder != waiter && holders_.waiting_writer(lock) == holder ? "kept" : "probably held";
  }

  std::string referrers_text(std::uint32_t number) const {
    std::vector<GoroutineIndex> referrers = referrers_of(number);
    if (referrers.empty()) return "";
    std::map<std::string, std::size_t> places;
    for (GoroutineIndex referrer : referrers) ++places[place_text(referrer)];
    std::string text = fmt::format(
        "; {} to it", referrers.size() == 1
                          ? std::string("1 leaked goroutine refers")
                          : fmt::format("{} leaked goroutines refer", referrers.size()));
    std::size_t told = 0;
    for (const auto& [place, count] : places) {
      if (told++ == kToldPlaces) return text + ", and others";
      std::string_view where = std::string_view(place).substr(
          std::min<std::size_t>(place.size(), std::string_view(", which waits ").size()));
      text += fmt::format("{} {} {}", told == 1 ? ":" : ",", count, where);
    }
    return text;
  }

  void tell_ring(const std::vector<GoroutineIndex>& ring, std::size_t rings,
                 Finding& finding) const {
    for (GoroutineIndex goroutine : ring)
      finding.ring.push_back(
          {.goid = snapshot_.goroutines[goroutine].goid,
           .lock = snapshot_.locks[holders_.lock_of(goroutine)].address.value()});
    std::string more =
        rings == 1 ? "" : fmt::format("; {} more like this one", count_text(rings - 1, "ring"));
    finding.evidence.push_back(ring_text(ring) + more);
    finding.advice = ring_advice(ring);
  }

  // "goroutine 7 waits for the lock that goroutine 8 probably holds, which waits for ..."
  std::string ring_text(const std::vector<GoroutineIndex>& ring) const {
    auto goid = [&](std::size_t i) { return snapshot_.goroutines[ring[i % ring.size()]].goid; };
    if (ring.size() == 1)
      return fmt::format(
          "goroutine {} waits for a lock that it probably holds itself{}", goid(0),
          holders_.waiting_writer(holders_.lock_of(ring[0])) == ring[0] ? ", as a reader" : "");
    std::string text = fmt::format("goroutine {}", goid(0));
    std::size_t told = std::min(ring.size(), kToldSteps);
    for (std::size_t i = 0; i < told; ++i)
      text +=
          fmt::format("{} for the lock that goroutine {} {}", i == 0 ? " waits" : ", which waits",
                      goid(i + 1), step_text(ring[i], ring[(i + 1) % ring.size()]));
    if (told < ring.size())
      text += fmt::format(", and so on, {}, back to goroutine {}",
                          count_text(ring.size() - told, "step") + " more", goid(0));
    return text;
  }

  std::string ring_advice(const std::vector<GoroutineIndex>& ring) const {
    if (ring.size() > 1) return "take these locks in one order everywhere, or one at a time";
    return holders_.waiting_writer(holders_.lock_of(ring[0])) == ring[0]
               ? "call RUnlock before Lock, or take the write lock from the start"
               : "do not lock again what the caller has locked: split off a function that expects "
                 "it to be locked";
  }

  std::string_view step_text(GoroutineIndex waiter, GoroutineIndex holder) const {
    return relation_text(waiter, holder) == "kept" ? "waits for first, as a writer"
                                                   : "probably holds";
  }

  const Judgement& judgement_;
  const Snapshot& snapshot_;
  snapshot::PathDescriber* describer_;
  const Fates& fates_;
  LockHolders holders_;
  std::unordered_map<ObjectId, std::uint32_t> wait_groups_;  // how many lie in an object
  std::map<ObjectId, std::set<GoroutineIndex>> referrers_;
};

}  // namespace

void tell_locks(const Judgement& judgement, snapshot::PathDescriber* describer, const Fates& fates,
                const std::vector<std::vector<GoroutineIndex>>& members,
                std::span<Finding> findings) {
  if (findings.empty() || judgement.snapshot.locks.empty()) return;
  Teller teller(judgement, describer, fates, members);
  for (std::size_t i = 0; i < findings.size(); ++i) teller.tell(members[i], findings[i]);
  tell_lock_owners(findings);
}

}  // namespace goshawk::analyses::goroutines
