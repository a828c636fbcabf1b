// A lock's waiters name its owner; here the owner's finding names the lock, as whoever mends the
// owner mends them all. Who is in a ring, or waits for the same lock, is told there. Goroutines
// that hold a lock by evidence that is weaker than their code ("probably") are told so.
#include "analyses/goroutines/lock_owners.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

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

// Of one that waits behind a goroutine which is the cause.
void advise_of_owner(Finding& finding) {
  if (!finding.ring.empty()) return;
  auto lock =
      std::ranges::find_if(finding.locks, [](const WaitedLock& one) { return !one.chain.empty(); });
  if (lock == finding.locks.end()) return;
  std::uint64_t last = lock->chain.back().goid;
  finding.advice =
      is_ring(lock->chain)
          ? fmt::format("mend the locking of goroutine {}, behind which this waits", last)
          : fmt::format(
                "mend what goroutine {} waits for, or unlock before it waits: wait for "
                "channels, other locks and the network with no lock held",
                last);
}

}  // namespace

void tell_lock_owners(std::span<Finding> findings) {
  Ownership owned = find_owners(findings);
  if (owned.empty()) return;
  for (Finding& finding : findings) {
    tell_what_it_owns(owned, finding);
    advise_of_owner(finding);
  }
}

}  // namespace goshawk::analyses::goroutines
