// All that a function calls directly, at any depth, is looked through for code that unlocks. Where
// there is some it is followed: an Unlock of what the same function has locked, or a deferred one,
// is no matter of its caller's. Functions inside of another one (f.func1, f.deferwrap1) are judged
// with it, as they unlock what it has locked.
//
// What cannot be followed, or is more than may be followed, may unlock anything. The standard
// library unlocks nothing of a program's own, unless it is given a closure or an interface for it:
// that is seen where it is made, in the caller.
//
// Not seen: what is called through an interface or a function value.
#include "goruntime/goroutines/unlocking_functions.h"

#include <algorithm>
#include <array>
#include <set>

#include "goruntime/symbols/function_package.h"

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kMostCodeBytes = 128 << 10;
constexpr int kDeepest = 32;
constexpr std::size_t kMostVisits = 1 << 20;  // of called functions, in one picture

constexpr std::array kAnything = {ReleasedAt{LockUse::kMutex, {}}, ReleasedAt{LockUse::kWrite, {}},
                                  ReleasedAt{LockUse::kRead, {}}};

struct Method {
  std::string_view name;
  LockUse use;
};
constexpr std::array kMethods = {
    Method{"sync.(*Mutex).Unlock", LockUse::kMutex},
    Method{"internal/sync.(*Mutex).Unlock", LockUse::kMutex},
    Method{"sync.(*RWMutex).Unlock", LockUse::kWrite},
    Method{"sync.(*RWMutex).RUnlock", LockUse::kRead},
    Method{"sync.(*rlocker).Unlock", LockUse::kRead},  // an RWMutex by another name
};

}  // namespace

// What a function sees of those that it calls while it is judged by itself.
class UnlockingFunctions::OwnClosures : public Callees {
 public:
  OwnClosures(UnlockingFunctions& functions, FunctionId function, int levels)
      : functions_(functions), function_(function), levels_(levels) {}

  std::span<const ReleasedAt> released_by(FunctionId called) override {
    if (auto known = functions_.of_standard_library(called)) {
      standard_ = std::move(*known);
      return standard_;
    }
    if (!functions_.is_part_of(function_, called)) return {};
    return functions_.by_itself(called);
  }
  const PassedOn* passed_on_by(FunctionId called) override {
    return levels_ > 1 ? functions_.passed_on(called, levels_ - 1) : nullptr;
  }
  FunctionId function_at(Address code_or_closure) override {
    return functions_.function_at(code_or_closure);
  }

 private:
  UnlockingFunctions& functions_;
  FunctionId function_;
  int levels_;
  Released standard_;
};

UnlockingFunctions::UnlockingFunctions(const target::Memory& memory, const Functions& functions,
                                       LockEvents& events, PointerLoads& loads, bool is_arm64)
    : functions_(functions),
      events_(events),
      loads_(loads),
      is_arm64_(is_arm64),
      left_visits_(kMostVisits),
      called_(memory, functions, is_arm64),
      steps_(memory, functions, is_arm64, kMostCodeBytes) {}

bool UnlockingFunctions::is_part_of(FunctionId function, FunctionId part) const {
  std::string_view outer = functions_.name(function), inner = functions_.name(part);
  if (inner.ends_with("-fm")) return true;  // made by the compiler for a method as a value
  if (outer.ends_with("-fm")) return inner == outer.substr(0, outer.size() - 3);
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '.';
}

// None: it is not of the standard library.
std::optional<UnlockingFunctions::Released> UnlockingFunctions::of_standard_library(
    FunctionId function) const {
  std::string_view name = functions_.name(function);
  if (!is_of_standard_library(name)) return std::nullopt;
  if (name.starts_with("sync.OnceFunc")) return Released(kAnything.begin(), kAnything.end());
  bool is_value = name.ends_with("-fm");
  if (is_value) name.remove_suffix(3);
  auto method = std::ranges::find(kMethods, name, &Method::name);
  if (method == kMethods.end()) return Released{};
  PointerValue receiver{Origin::kEntry, 0, 0};
  if (is_value)
    receiver =
        loads_.load({Origin::kEntry, is_arm64_ ? kArm64Context : kX86Context, sizeof(Address)});
  return Released{{method->use, receiver}};
}

bool UnlockingFunctions::has_unlocks(FunctionId function) {
  auto [known, is_new] = unlocks_.try_emplace(function);
  if (is_new) known->second = find_unlocks(function);
  return known->second;
}

bool UnlockingFunctions::find_unlocks(FunctionId function) {
  std::vector<FunctionId> open{function};
  std::unordered_set<FunctionId> seen{function};
  while (!open.empty()) {
    FunctionId at = open.back();
    open.pop_back();
    const std::vector<FunctionId>* called = called_.of(at);
    if (called == nullptr) return true;
    for (FunctionId one : *called) {
      auto known = of_standard_library(one);
      if (events_.unlocks(functions_.entry(one)) || (known && !known->empty())) return true;
      if (is_part_of(at, one) && seen.insert(one).second) open.push_back(one);
    }
  }
  return false;
}

// A function that calls itself adds nothing to what it does otherwise.
const UnlockingFunctions::Followed& UnlockingFunctions::follow(FunctionId function, int levels) {
  auto [known, is_new] = followed_.try_emplace({function, levels});
  Followed& followed = known->second;
  if (!is_new) return followed;
  Released anything(kAnything.begin(), kAnything.end());
  auto steps = depth_ < kDeepest ? steps_.read(function) : std::nullopt;
  if (!steps) {
    followed.released = anything;
    followed.passed.more = true;
    return followed;
  }
  OwnClosures closures(*this, function, levels);
  ++depth_;
  LockedCode code(function, std::move(*steps), functions_, events_, loads_, closures, is_arm64_,
                  true);
  --depth_;
  if (!code.follows()) return followed = {anything, {}};
  followed = {code.released(), code.passed()};
  std::erase_if(followed.released, [](const ReleasedAt& one) { return !one.use; });
  return followed;
}

std::span<const ReleasedAt> UnlockingFunctions::by_itself(FunctionId function) {
  if (!has_unlocks(function)) return {};
  for (int levels = kLevels; levels > 0; --levels)
    if (auto known = followed_.find({function, levels}); known != followed_.end())
      return known->second.released;
  return follow(function, 0).released;
}

const PassedOn* UnlockingFunctions::passed_on(FunctionId function, int levels) {
  if (is_of_standard_library(functions_.name(function))) return nullptr;
  return &follow(function, levels).passed;
}

UnlockingFunctions::Released UnlockingFunctions::find(FunctionId function) {
  if (auto known = of_standard_library(function)) return *known;
  std::span<const ReleasedAt> itself = by_itself(function);
  Released released(itself.begin(), itself.end());
  std::set<std::pair<FunctionId, bool>> seen;  // and whether judged
  std::vector<std::pair<FunctionId, bool>> open{{function, false}};
  auto add = [&](const ReleasedAt& one) {
    if (std::ranges::find(released, one) == released.end()) released.push_back(one);
  };
  while (!open.empty()) {
    auto [at, is_judged] = open.back();
    open.pop_back();
    left_visits_ -= std::min<std::size_t>(left_visits_, 1);
    if (is_judged)
      for (const ReleasedAt& one : by_itself(at)) add({one.use, {}});
    const std::vector<FunctionId>* called = called_.of(at);
    if (called == nullptr || left_visits_ == 0) {
      std::ranges::for_each(kAnything, add);
      return released;
    }
    for (FunctionId one : *called) {
      if (is_of_standard_library(functions_.name(one)) || harmless_.contains(one)) continue;
      std::pair<FunctionId, bool> next{one, !is_part_of(at, one)};
      if (seen.insert(next).second) open.push_back(next);
    }
  }
  if (released.empty())
    for (const auto& [one, is_judged] : seen)
      if (is_judged) harmless_.insert(one);
  return released;
}

std::span<const ReleasedAt> UnlockingFunctions::released_by(FunctionId function) {
  auto known = known_.find(function);
  if (known == known_.end()) known = known_.emplace(function, find(function)).first;
  return known->second;
}

bool UnlockingFunctions::may_unlock(FunctionId function, LockUse use) {
  return std::ranges::any_of(released_by(function),
                             [&](const ReleasedAt& one) { return one.use == use; });
}

}  // namespace goshawk::goruntime
