// An inlined Lock is a compare-and-swap, and a call of lockSlow where that fails; an inlined
// Unlock, RLock or RUnlock an atomic addition, and a call where the sum wants it. The function
// table tells of each such instruction whose source it comes from. TryLock is no event: whether it
// has locked is a matter of its result. Follows sync/mutex.go, internal/sync/mutex.go,
// sync/rwmutex.go.
#include "goruntime/goroutines/lock_events.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include "goruntime/facts/sync_lock.h"

namespace goshawk::goruntime {

using binary::Effect;
using binary::Flow;
using binary::Step;
using What = LockEvent::What;

namespace {

struct Named {
  std::string_view name;
  What what;
  LockUse use;
};

constexpr std::array kMethods = {
    Named{"sync.(*Mutex).Lock", What::kLock, LockUse::kMutex},
    Named{"internal/sync.(*Mutex).Lock", What::kLock, LockUse::kMutex},
    Named{"sync.(*Mutex).Unlock", What::kUnlock, LockUse::kMutex},
    Named{"internal/sync.(*Mutex).Unlock", What::kUnlock, LockUse::kMutex},
    Named{"sync.(*RWMutex).Lock", What::kLock, LockUse::kWrite},
    Named{"sync.(*RWMutex).Unlock", What::kUnlock, LockUse::kWrite},
    Named{"sync.(*RWMutex).RLock", What::kLock, LockUse::kRead},
    Named{"sync.(*RWMutex).RUnlock", What::kUnlock, LockUse::kRead},
};
constexpr std::array kSlowWays = {
    Named{"sync.(*Mutex).lockSlow", What::kSlowLock, LockUse::kMutex},
    Named{"internal/sync.(*Mutex).lockSlow", What::kSlowLock, LockUse::kMutex},
    Named{"sync.runtime_SemacquireRWMutexR", What::kSlowLock, LockUse::kRead},
    Named{"sync.runtime_SemacquireMutex", What::kSlowLock, LockUse::kRead},
    Named{"sync.(*Mutex).unlockSlow", What::kUnlock, LockUse::kMutex},
    Named{"internal/sync.(*Mutex).unlockSlow", What::kUnlock, LockUse::kMutex},
    Named{"sync.(*RWMutex).rUnlockSlow", What::kUnlock, LockUse::kRead},
};

std::int64_t offset_of(LockUse use) {
  return use == LockUse::kRead ? facts::RWMutexWords::kReaderCount : facts::MutexWords::kState;
}

bool is_of_lock(std::string_view function) {
  return function.starts_with("sync.(*Mutex).") || function.starts_with("sync.(*RWMutex).") ||
         function.starts_with("internal/sync.(*Mutex).");
}

}  // namespace

LockEvents::LockEvents(const Functions& functions) : functions_(functions) {
  std::array<std::string_view, kMethods.size() + kSlowWays.size()> names;
  auto end = std::ranges::transform(kMethods, names.begin(), &Named::name).out;
  std::ranges::transform(kSlowWays, end, &Named::name);
  auto found = functions.find_by_names(names);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) continue;
    bool is_slow = i >= kMethods.size();
    const Named& named = is_slow ? kSlowWays[i - kMethods.size()] : kMethods[i];
    Address entry = functions.entry(*found[i]);
    if (!is_slow || named.what == What::kSlowLock)
      targets_[entry] = {.what = named.what, .use = named.use};
    if (is_slow)
      slow_ways_[entry] = {.what = named.what == What::kSlowLock ? What::kLock : named.what,
                           .use = named.use,
                           .inlined = true,
                           .offset = offset_of(named.use)};
  }
}

bool LockEvents::unlocks(Address entry) const {
  for (const auto* events : {&targets_, &slow_ways_})
    if (auto found = events->find(entry);
        found != events->end() && found->second.what == What::kUnlock)
      return true;
  return false;
}

std::optional<LockEvent> LockEvents::find_before(FunctionId function, const Step& call) const {
  auto slow = slow_ways_.find(call.target);
  if (slow == slow_ways_.end()) return std::nullopt;
  LockEvent event = slow->second;
  event.site = site_of(function, call.at);
  return event;
}

// The lines of the calls that lead to it, in the order of inlining.
std::uint64_t LockEvents::site_of(FunctionId function, Address pc) const {
  std::vector<SourceFrame> frames = functions_.source_frames(function, pc);
  std::uint64_t site = 0;
  for (std::size_t i = frames.size(); i-- > 0;) {
    if (i + 1 != frames.size() && is_of_lock(frames[i].function)) break;
    site = (site ^ frames[i].line ^ std::hash<std::string_view>()(frames[i].function)) *
           0x9e3779b97f4a7c15ULL;
  }
  return site;
}

std::optional<LockEvent> LockEvents::make(FunctionId function, const Step& step) const {
  if (step.flow == Flow::kCall || step.flow == Flow::kJump) {
    auto target = targets_.find(step.target);
    if (target == targets_.end()) return std::nullopt;
    LockEvent event = target->second;
    event.inlined = event.what == What::kSlowLock;
    event.site = event.inlined ? site_of(function, step.at) : step.at.value();
    return event;
  }
  if (step.effect != Effect::kAtomic) return std::nullopt;
  std::vector<SourceFrame> frames = functions_.source_frames(function, step.at);
  for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
    if (!is_of_lock(frames[i].function)) continue;
    auto method = std::ranges::find(kMethods, frames[i].function, &Named::name);
    if (method == kMethods.end()) return std::nullopt;
    return LockEvent{.what = method->what,
                     .use = method->use,
                     .inlined = true,
                     .offset = offset_of(method->use),
                     .site = site_of(function, step.at)};
  }
  return std::nullopt;
}

const LockEvent* LockEvents::find(FunctionId function, const Step& step) {
  bool goes_on_there = step.flow == Flow::kJump && targets_.contains(step.target);
  if (step.flow != Flow::kCall && !goes_on_there && step.effect != Effect::kAtomic) return nullptr;
  auto [known, is_new] = known_.try_emplace(step.at);
  if (is_new) known->second = make(function, step);
  return known->second ? &*known->second : nullptr;
}

}  // namespace goshawk::goruntime
