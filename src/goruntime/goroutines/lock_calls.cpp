// Lock and Unlock are mostly inlined; what is left of each is a call of its slow path, or of the
// runtime's semaphore. So a function's code is searched for calls of these, and the function table
// says on which line each stands, through all that was inlined. Lines tell the order: slow paths
// are laid out at a function's end.
//
// Not seen: locks taken by another function (that is not inlined) or by TryLock. An Unlock on a
// branch that has returned counts like any other: then less is said to be held than may be. A
// deferred Unlock is no call on the way.
#include "goruntime/goroutines/lock_calls.h"

#include <algorithm>
#include <array>

#include "goruntime/goroutines/direct_calls.h"

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kMostCodeBytes = 1 << 20;

bool is_method_of_lock(std::string_view name) {
  return name.starts_with("sync.(*Mutex).") || name.starts_with("sync.(*RWMutex).") ||
         name.starts_with("internal/sync.(*Mutex).");
}

}  // namespace

LockCalls::LockCalls(const target::Memory& memory, const Functions& functions,
                     std::string_view arch)
    : memory_(memory), functions_(functions), is_arm64_(arch == "arm64") {
  struct Named {
    std::string_view name;
    Target target;
  };
  static constexpr std::array<Named, 15> kCalls = {{
      {"sync.(*Mutex).Lock", {Kind::kMutex, false}},
      {"sync.(*Mutex).lockSlow", {Kind::kMutex, false}},
      {"internal/sync.(*Mutex).Lock", {Kind::kMutex, false}},
      {"internal/sync.(*Mutex).lockSlow", {Kind::kMutex, false}},
      {"sync.(*Mutex).Unlock", {Kind::kMutex, true}},
      {"sync.(*Mutex).unlockSlow", {Kind::kMutex, true}},
      {"internal/sync.(*Mutex).Unlock", {Kind::kMutex, true}},
      {"internal/sync.(*Mutex).unlockSlow", {Kind::kMutex, true}},
      {"sync.(*RWMutex).Lock", {Kind::kWrite, false}},
      {"sync.(*RWMutex).Unlock", {Kind::kWrite, true}},
      {"sync.(*RWMutex).RLock", {Kind::kRead, false}},
      {"sync.runtime_SemacquireRWMutexR", {Kind::kRead, false}},  // of an inlined RLock
      {"sync.runtime_SemacquireMutex", {Kind::kRead, false}},     // the same in older releases
      {"sync.(*RWMutex).RUnlock", {Kind::kRead, true}},
      {"sync.(*RWMutex).rUnlockSlow", {Kind::kRead, true}},
  }};
  std::array<std::string_view, kCalls.size()> names;
  std::ranges::transform(kCalls, names.begin(), &Named::name);
  auto found = functions.find_by_names(names);
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i]) targets_.emplace(functions.entry(*found[i]), kCalls[i].target);
}

LockCalls::Place LockCalls::place_of(FunctionId function, Address pc) const {
  Place place;
  std::vector<SourceFrame> frames = functions_.source_frames(function, pc);
  for (std::size_t i = frames.size(); i-- > 0;) {
    if (!place.empty() && is_method_of_lock(frames[i].function)) break;
    place.emplace_back(frames[i].function, frames[i].line);
  }
  return place;
}

// On one line, what comes first cannot be told.
bool LockCalls::is_before(const Place& one, const Place& other) {
  for (std::size_t i = 0; i < one.size() && i < other.size(); ++i) {
    if (one[i].first != other[i].first) return false;
    if (one[i].second != other[i].second) return one[i].second < other[i].second;
  }
  return false;
}

const std::vector<LockCalls::Call>& LockCalls::calls_of(FunctionId function) {
  auto [entry, is_new] = calls_.try_emplace(function);
  std::vector<Call>& calls = entry->second;
  if (!is_new || targets_.empty() || function + 1 >= functions_.count() ||
      is_method_of_lock(functions_.name(function)))
    return calls;
  Address start = functions_.entry(function), end = functions_.entry(function + 1);
  if (end <= start || end - start > kMostCodeBytes) return calls;
  auto code = memory_.read_bytes(start, end - start);
  if (!code) return calls;
  find_direct_calls(*code, start, is_arm64_, [&](Address at, Address callee) {
    auto target = targets_.find(callee);
    if (target != targets_.end()) calls.push_back({place_of(function, at), target->second});
  });
  std::ranges::sort(calls);  // one call may be compiled to several
  calls.erase(std::ranges::unique(calls).begin(), calls.end());
  return calls;
}

HeldLocks LockCalls::before(FunctionId function, Address pc) {
  if (function == kNoFunction) return {};
  auto [entry, is_new] = known_.try_emplace(pc);
  if (is_new) entry->second = count(function, pc);
  return entry->second;
}

HeldLocks LockCalls::count(FunctionId function, Address pc) {
  HeldLocks held;
  const std::vector<Call>& calls = calls_of(function);
  if (calls.empty()) return held;
  Place here = place_of(function, pc);
  std::array<std::int64_t, 3> counts{};
  for (const Call& call : calls)
    if (is_before(call.place, here))
      counts[static_cast<std::size_t>(call.target.kind)] += call.target.unlocks ? -1 : 1;
  auto more = [&](Kind kind) {
    return static_cast<std::uint32_t>(
        std::max<std::int64_t>(0, counts[static_cast<std::size_t>(kind)]));
  };
  held.mutexes = more(Kind::kMutex);
  held.writes = more(Kind::kWrite);
  held.reads = more(Kind::kRead);
  return held;
}

}  // namespace goshawk::goruntime
