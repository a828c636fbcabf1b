// The values at a place (locked_code.h) become ways to addresses, which a frame is asked for. What
// an Unlock ahead needs is in the frame: the pointer, or what it was loaded from.
#include "goruntime/goroutines/lock_flow.h"

#include <algorithm>

#include "goruntime/symbols/function_package.h"

namespace goshawk::goruntime {

using What = LockEvent::What;

namespace {

// Of code that is followed, with that of the functions called (unlocking_functions.cpp): takes
// 0.3 s at worst.
constexpr std::uint64_t kMostCodeBytes = 128 << 10;
constexpr std::size_t kMostLoadsInRecipe = 4;

}  // namespace

LockFlow::LockFlow(const target::Memory& memory, const Functions& functions, std::string_view arch)
    : functions_(functions),
      is_arm64_(arch == "arm64"),
      events_(functions),
      steps_(memory, functions, is_arm64_, kMostCodeBytes),
      unlocking_(memory, functions, events_, loads_, is_arm64_) {}

LockFlow::~LockFlow() = default;

// nullptr: it cannot be read or followed.
LockedCode* LockFlow::code_of(FunctionId function, bool is_from_start) {
  auto [known, is_new] = codes_.try_emplace(function);
  std::unique_ptr<LockedCode>& code = known->second;
  if (!is_new && (!code || code->is_from_start() || !is_from_start)) return code.get();
  auto steps = steps_.read(function);
  code.reset();
  if (!steps) return nullptr;
  code = std::make_unique<LockedCode>(function, std::move(*steps), functions_, events_, loads_,
                                      unlocking_, is_arm64_, is_from_start);
  if (!code->follows()) code.reset();
  return code.get();
}

namespace {

std::optional<AddressRecipe> recipe_for(const PointerValue& value, const PointerState& state,
                                        const PointerLoads& loads) {
  AddressRecipe recipe;
  if (value.origin == Origin::kStatic) {
    recipe.is_static = true;
    recipe.start = value.delta;
    return recipe;
  }
  PointerValue sp = state.reg(binary::kStackPointer);
  if (!value.is_known() || value.origin == Origin::kFrame || sp.origin != Origin::kFrame)
    return std::nullopt;
  if (const PointerState::Slot* slot = state.find_slot(value)) {
    recipe.start = slot->at - sp.delta;
    recipe.delta = value.delta - slot->value.delta;
    return recipe;
  }
  if (value.origin != Origin::kLoad) return std::nullopt;
  auto inner = recipe_for(loads.place(value.id), state, loads);
  if (!inner || inner->loads.size() >= kMostLoadsInRecipe) return std::nullopt;
  inner->loads.push_back(inner->delta);
  inner->delta = value.delta;
  return inner;
}

}  // namespace

// A deferred call stands in the frame as a closure: of a function inside of this one, or of the
// lock's method.
bool LockFlow::is_unlocked_by_deferred(const LockedCode& code, const PointerState& state,
                                       LockUse use, const PointerValue& lock) {
  std::string prefix = std::string(functions_.name(code.function())) + ".";
  for (const PointerState::Slot& slot : state.slots()) {
    if (slot.value.origin != Origin::kStatic) continue;
    FunctionId function =
        unlocking_.function_at(Address(static_cast<std::uint64_t>(slot.value.delta)));
    if (function == kNoFunction) continue;
    std::string_view name = functions_.name(function);
    if (!name.starts_with(prefix) && !name.ends_with("Unlock-fm")) continue;
    PointerState inside =
        state.inside_closure(is_arm64_ ? kArm64Context : kX86Context, {Origin::kFrame, 0, slot.at});
    for (const ReleasedAt& one : unlocking_.by_itself(function))
      if (one.use == use && lock.is_known() && inside.in_words_of_caller(one.lock, loads_) == lock)
        return true;
  }
  return false;
}

void LockFlow::add_held(const LockedCode& code, std::size_t step, const LockState& state,
                        LocksAtPlace& place) {
  const LockEvent* here = code.event(step);
  for (const HeldAt& held : state.held) {
    if (here != nullptr && here->what == What::kSlowLock && here->site == held.site) continue;
    LockAtPlace lock{
        .use = held.use,
        .held = true,
        .certain = held.certain,
        .unlocks_ahead = code.unlocks_ahead(step, held.use, held.lock) ||
                         is_unlocked_by_deferred(code, state.pointers, held.use, held.lock),
        .address = recipe_for(held.lock, state.pointers, loads_)};
    for (const PointerValue& called : held.called)
      if (auto address = recipe_for(called, state.pointers, loads_))
        lock.called.push_back(std::move(*address));
      else
        lock.certain = false;
    place.locks.push_back(std::move(lock));
  }
}

void LockFlow::add_released(const LockState& state, LocksAtPlace& place) {
  for (const ReleasedAt& one : state.released) {
    auto address = recipe_for(one.lock, state.pointers, loads_);
    for (LockUse use : {LockUse::kMutex, LockUse::kWrite, LockUse::kRead})
      if (one.use ? *one.use == use : address.has_value())
        place.locks.push_back({.use = use, .address = address});
  }
  place.called_more = state.passed.more;
  for (const PointerValue& called : state.passed.called)
    if (auto address = recipe_for(called, state.pointers, loads_))
      place.called.push_back(std::move(*address));
    else
      place.called_more = true;
}

const LocksAtPlace& LockFlow::at(FunctionId function, Address pc, bool is_from_start) {
  auto [entry, is_new] = known_[is_from_start ? 1 : 0].try_emplace(pc);
  LocksAtPlace& place = entry->second;
  if (!is_new) return place;
  LockedCode* code = code_of(function, is_from_start);
  auto step = code != nullptr ? code->step_at(pc) : std::nullopt;
  if (!step) return place;
  place.followed = true;
  LockState state = code->before(*step);
  const LockEvent* here = code->event(*step);
  place.at_lock = here != nullptr && here->what != What::kUnlock;
  add_held(*code, *step, state, place);
  add_released(state, place);
  return place;
}

bool LockFlow::may_unlock(Address code, LockUse use, std::string_view package) {
  FunctionId function = functions_.find(code);
  if (function == kNoFunction || functions_.entry(function) != code ||
      unlocking_.may_unlock(function, use))
    return true;
  if (package_of(functions_.name(function)) != package) return false;
  const PassedOn* passed = unlocking_.passed_on_by(function);
  return passed != nullptr && (passed->more || !passed->called.empty());
}

}  // namespace goshawk::goruntime
