// A lock's waiters name its owner; here the owner's finding names the lock, as whoever mends the
// owner mends them all. Who is in a ring, or waits for the same lock, is told there. Goroutines
// that hold a lock by evidence that is weaker than their code ("probably") are told so.
#include "analyses/goroutines/lock_owners.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/lock_chains.h"

namespace goshawk::analyses::goroutines {

using findings::Finding;
using findings::LockHolding;
using findings::WaitedLock;

namespace {

constexpr std::size_t kToldLocks = 3;

struct Owned {
  const WaitedLock* lock = nullptr;
  const LockHolding* by = nullptr;  // none: probably
};
// By the owner, each lock once. In the order of goroutines: it is printed.
using Ownership = std::map<std::uint64_t, std::map<std::uint64_t, Owned>>;

Ownership find_owners(std::span<const Finding> findings) {
  Ownership owned;
  for (const Finding& finding : findings)
    for (const WaitedLock& lock : finding.locks) {
      for (std::uint64_t holder : lock.holders)
        owned[holder].try_emplace(lock.address, Owned{&lock, nullptr});
      if (!lock.chain.empty() && !lock.chain.front().locked_in.function.empty())
        owned[lock.chain.front().goid][lock.address] = {&lock, &lock.chain.front()};
    }
  return owned;
}

// "goroutine 21 has locked the sync.Mutex main.inventory.mu, for which 2 goroutines wait"
std::string owner_text(std::uint64_t goid, const Owned& owned) {
  const WaitedLock& lock = *owned.lock;
  std::string_view has = owned.by == nullptr ? "probably holds"
                         : owned.by->reads   ? "has read-locked"
                                             : "has locked";
  return fmt::format("goroutine {} {} the {} {}, for which {}", goid, has, lock.kind,
                     lock.name.empty() ? fmt::format("at {:#x}", lock.address) : lock.name,
                     lock.waiters == 1 ? std::string("1 goroutine waits")
                                       : fmt::format("{} goroutines wait", lock.waiters));
}

void tell_what_it_owns(const Ownership& owned, Finding& finding) {
  std::vector<std::string> texts;
  for (std::uint64_t goid : finding.goids) {
    auto found = owned.find(goid);
    if (found == owned.end() ||
        std::ranges::find(finding.ring, goid, &findings::RingStep::goid) != finding.ring.end())
      continue;
    for (const auto& [address, one] : found->second)
      if (std::ranges::find(finding.locks, address, &WaitedLock::address) == finding.locks.end())
        texts.push_back(owner_text(goid, one));
  }
  std::size_t told = std::min(texts.size(), kToldLocks);
  finding.evidence.insert(finding.evidence.end(), texts.begin(),
                          texts.begin() + static_cast<std::ptrdiff_t>(told));
  if (told < texts.size())
    finding.evidence.push_back(
        fmt::format("and {} more locks of these goroutines are waited for", texts.size() - told));
}

class Advisor {
 public:
  explicit Advisor(std::span<Finding> findings) {
    for (const Finding& finding : findings)
      for (std::uint64_t goid : finding.goids) findings_.try_emplace(goid, &finding);
  }

  // Of one that waits behind a goroutine which is the cause.
  void advise(Finding& finding) const {
    if (!finding.ring.empty()) return;
    auto lock = std::ranges::find_if(finding.locks,
                                     [](const WaitedLock& one) { return !one.chain.empty(); });
    if (lock == finding.locks.end())
      return finding.rule == "goroutine/waitgroup" ? advise_of_referrers(finding)
                                                   : advise_of_probable(finding);
    std::uint64_t last = lock->chain.back().goid;
    finding.advice =
        is_ring(lock->chain)
            ? fmt::format("mend the locking of goroutine {}, behind which this waits", last)
            : "mend what " + cause_text(last);
  }

 private:
  static const WaitedLock* find_held_by_one(const Finding& finding) {
    auto lock = std::ranges::find_if(finding.locks,
                                     [](const WaitedLock& one) { return one.holders.size() == 1; });
    return lock == finding.locks.end() ? nullptr : &*lock;
  }

  const Finding* finding_of(std::uint64_t goid) const {
    auto found = findings_.find(goid);
    return found == findings_.end() ? nullptr : found->second;
  }

  // Who has the WaitGroup and is leaked too is probably one for whom it waits.
  void advise_of_referrers(Finding& finding) const {
    auto lock = std::ranges::find_if(finding.locks,
                                     [](const WaitedLock& one) { return !one.referrers.empty(); });
    const Finding* cause =
        lock == finding.locks.end() ? nullptr : finding_of(lock->referrers.front());
    if (cause == nullptr || cause->blocked_at.function.empty()) return;
    finding.advice = fmt::format(
        "mend what goroutine {} waits for in {} ({}), and whoever else refers to the WaitGroup: "
        "each is to call Done when it ends, best by defer",
        lock->referrers.front(), cause->blocked_at.function, line_text(cause->blocked_at));
  }

  static bool waits_for(const Finding& finding, const WaitedLock& lock) {
    return std::ranges::find(finding.locks, lock.address, &WaitedLock::address) !=
           finding.locks.end();
  }

  // From holder to holder, as long as each waits for a lock of one other. Who is in no finding may
  // go on by himself; a ring is told there; a writer that comes first waits for the lock itself.
  void advise_of_probable(Finding& finding) const {
    const WaitedLock* lock = find_held_by_one(finding);
    std::set<std::uint64_t> met(finding.goids.begin(), finding.goids.end());
    std::uint64_t last = 0;
    while (lock != nullptr && met.insert(lock->holders.front()).second) {
      last = lock->holders.front();
      const Finding* next = finding_of(last);
      if (next != nullptr && (!next->ring.empty() || waits_for(*next, *lock))) return;
      lock = next == nullptr ? nullptr : find_held_by_one(*next);
    }
    if (finding_of(last) != nullptr)
      finding.advice = "mend what " + cause_text(last, ", behind which this probably waits,");
  }

  // "goroutine 7 waits for in main.reserve (stock.go:40), or unlock ..."
  std::string cause_text(std::uint64_t goid, std::string_view aside = "") const {
    const Finding* finding = finding_of(goid);
    std::string where;
    if (finding != nullptr && !finding->blocked_at.function.empty())
      where =
          fmt::format(" in {} ({})", finding->blocked_at.function, line_text(finding->blocked_at));
    return fmt::format(
        "goroutine {}{} waits for{}, or unlock before it waits: wait for channels, other locks and "
        "the network with no lock held",
        goid, aside, where);
  }

  std::unordered_map<std::uint64_t, const Finding*> findings_;  // by member
};

}  // namespace

void tell_lock_owners(std::span<Finding> findings) {
  Ownership owned = find_owners(findings);
  Advisor advisor(findings);
  for (Finding& finding : findings) {
    tell_what_it_owns(owned, finding);
    advisor.advise(finding);
  }
}

}  // namespace goshawk::analyses::goroutines
