// The values at a place (locked_code.h) become ways to addresses, which a frame is asked for. What
// an Unlock ahead needs is in the frame: the pointer, or what it was loaded from.
#include "goruntime/goroutines/lock_flow.h"

#include <algorithm>

namespace goshawk::goruntime {

using What = LockEvent::What;

namespace {

constexpr std::uint64_t kMostCodeBytes = 64 << 10;
constexpr std::uint64_t kMostCodeBytesInAll = 256 << 10;  // takes 0.3 s at worst
constexpr std::size_t kMostCodes = 64;                    // kept at a time
constexpr std::size_t kMostLoadsInRecipe = 4;

}  // namespace

LockFlow::LockFlow(const target::Memory& memory, const Functions& functions, std::string_view arch)
    : memory_(memory),
      functions_(functions),
      is_arm64_(arch == "arm64"),
      events_(functions),
      left_bytes_(kMostCodeBytesInAll) {}

LockFlow::~LockFlow() = default;

// nullptr: it cannot be read or followed.
LockedCode* LockFlow::code_of(FunctionId function) {
  if (auto known = codes_.find(function); known != codes_.end()) return known->second.get();
  if (function + 1 >= functions_.count()) return nullptr;
  Address start = functions_.entry(function), end = functions_.entry(function + 1);
  std::unique_ptr<LockedCode>& code = codes_[function];
  if (end <= start || end - start > std::min(kMostCodeBytes, left_bytes_)) return nullptr;
  left_bytes_ -= end - start;
  auto bytes = memory_.read_bytes(start, end - start);
  if (!bytes) return nullptr;
  auto steps = binary::decode_steps(is_arm64_ ? binary::Machine::kArm64 : binary::Machine::kX86_64,
                                    *bytes, start);
  if (!steps) return nullptr;
  code = std::make_unique<LockedCode>(function, std::move(*steps), functions_, events_, loads_,
                                      is_arm64_);
  if (!code->follows()) code.reset();
  return code.get();
}

namespace {

// `value` of a closure's code, in the words of the function whose frame holds the closure.
PointerValue in_words_of_holder(const PointerValue& value, std::uint8_t context_register,
                                std::int64_t closure, const PointerState& state,
                                PointerLoads& loads) {
  if (value.origin == Origin::kStatic) return value;
  if (value.origin == Origin::kEntry && value.id == context_register)
    return PointerValue{Origin::kFrame, 0, closure}.plus(value.delta);
  if (value.origin != Origin::kLoad) return {};
  PointerValue place = loads.place(value.id);  // a copy: more may be added
  return state.load(in_words_of_holder(place, context_register, closure, state, loads), loads)
      .plus(value.delta);
}

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

// A closure begins with its code's address; one that captures nothing lies in read-only data.
FunctionId LockFlow::function_of_closure(Address code_or_value) const {
  for (Address at :
       {code_or_value, Address(memory_.read_value<std::uint64_t>(code_or_value).value_or(0))})
    if (FunctionId function = functions_.find(at);
        function != kNoFunction && functions_.entry(function) == at)
      return function;
  return kNoFunction;
}

// A deferred call stands in the frame as a closure: of a function inside of this one, or of the
// lock's method.
bool LockFlow::is_unlocked_by_deferred(const LockedCode& code, const PointerState& state,
                                       LockUse use, const PointerValue& lock) {
  const std::uint8_t context_register = is_arm64_ ? 26 : 2;
  std::string prefix = std::string(functions_.name(code.function())) + ".";
  for (const PointerState::Slot& slot : state.slots()) {
    if (slot.value.origin != Origin::kStatic) continue;
    FunctionId function =
        function_of_closure(Address(static_cast<std::uint64_t>(slot.value.delta)));
    if (function == kNoFunction) continue;
    std::string_view name = functions_.name(function);
    if (!name.starts_with(prefix) && !name.ends_with("Unlock-fm")) continue;
    const LockedCode* closure = code_of(function);
    if (closure == nullptr) continue;
    for (const auto& [step, unlock] : closure->unlocks())
      if (unlock.use == use &&
          in_words_of_holder(unlock.lock, context_register, slot.at, state, loads_) == lock)
        return true;
  }
  return false;
}

const LocksAtPlace& LockFlow::at(FunctionId function, Address pc) {
  auto [entry, is_new] = known_.try_emplace(pc);
  LocksAtPlace& place = entry->second;
  if (!is_new) return place;
  if (codes_.size() >= kMostCodes) {
    codes_.clear();
    loads_.clear();
  }
  LockedCode* code = code_of(function);
  auto step = code != nullptr ? code->step_at(pc) : std::nullopt;
  if (!step) return place;
  place.followed = true;
  LockState state = code->before(*step);
  const LockEvent* here = code->event(*step);
  place.at_lock = here != nullptr && here->what != What::kUnlock;
  for (const HeldAt& held : state.held) {
    if (here != nullptr && here->what == What::kSlowLock && here->site == held.site) continue;
    place.locks.push_back(
        {.use = held.use,
         .held = true,
         .certain = held.certain,
         .unlocks_ahead = code->unlocks_ahead(*step, held.use, held.lock) ||
                          is_unlocked_by_deferred(*code, state.pointers, held.use, held.lock),
         .address = recipe_for(held.lock, state.pointers, loads_)});
  }
  for (const ReleasedAt& one : state.released) {
    auto address = recipe_for(one.lock, state.pointers, loads_);
    for (LockUse use : {LockUse::kMutex, LockUse::kWrite, LockUse::kRead})
      if (one.use ? *one.use == use : address.has_value())
        place.locks.push_back({.use = use, .address = address});
  }
  return place;
}

}  // namespace goshawk::goruntime
