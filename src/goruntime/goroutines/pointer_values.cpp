// The caller sees to it that what a loop loads again is not taken for what it loaded before: a
// value that differs between two ways to one place is unknown there, which ends every such chain.
//
// A store through a pointer that is not known to lead into the frame is taken to change none of its
// words: spilled pointers are no variables, nobody else has their address.
#include "goruntime/goroutines/pointer_values.h"

#include <algorithm>

namespace goshawk::goruntime {

using binary::Effect;
using binary::kRegisters;
using binary::kStackPointer;
using binary::Step;

namespace {

constexpr int kDeepest = 4;
constexpr std::size_t kMostLoads = 1 << 20, kMostSlots = 512;
constexpr std::uint8_t kResultRegisters = 16;

}  // namespace

PointerValue PointerLoads::load(const PointerValue& place) {
  if (!place.is_known()) return {};
  auto known = numbers_.find(place);
  if (known == numbers_.end()) {
    int depth = place.origin == Origin::kLoad ? places_[place.id].depth + 1 : 1;
    if (depth > kDeepest || places_.size() >= kMostLoads) return {};
    known = numbers_.emplace(place, static_cast<std::uint32_t>(places_.size())).first;
    places_.push_back({place, depth});
  }
  return {Origin::kLoad, known->second, 0};
}

void PointerLoads::clear() {
  places_.clear();
  numbers_.clear();
}

PointerState PointerState::at_entry() {
  PointerState state;
  for (std::uint8_t i = 0; i < kRegisters; ++i) state.registers_[i] = {Origin::kEntry, i, 0};
  state.registers_[kStackPointer] = {Origin::kFrame, 0, 0};
  return state;
}

const PointerState::Slot* PointerState::find_slot_at(std::int64_t at) const {
  auto found = std::ranges::lower_bound(slots_, at, {}, &Slot::at);
  return found != slots_.end() && found->at == at ? &*found : nullptr;
}

PointerValue PointerState::slot(std::int64_t at) const {
  const Slot* found = find_slot_at(at);
  return found != nullptr ? found->value : PointerValue();
}

PointerValue PointerState::new_slot(std::int64_t at) const {
  const Slot* found = find_slot_at(at);
  return found != nullptr && found->is_new ? found->value : PointerValue();
}

const PointerState::Slot* PointerState::find_slot(const PointerValue& base) const {
  auto found =
      std::ranges::find_if(slots_, [&](const Slot& slot) { return slot.value.has_base_of(base); });
  return found == slots_.end() ? nullptr : &*found;
}

bool PointerState::has_slot_with(const PointerValue& value) const {
  return std::ranges::find(slots_, value, &Slot::value) != slots_.end();
}

void PointerState::forget_slot(std::int64_t at) {
  std::erase_if(slots_, [&](const Slot& slot) { return slot.at == at; });
}

PointerValue PointerState::in_words_of_caller(const PointerValue& callees,
                                              PointerLoads& loads) const {
  if (callees.origin == Origin::kStatic) return callees;
  if (callees.origin == Origin::kEntry)
    return reg(static_cast<std::uint8_t>(callees.id)).plus(callees.delta);
  if (callees.origin != Origin::kLoad) return {};
  PointerValue place = loads.place(callees.id);  // a copy: more may be added
  return load(in_words_of_caller(place, loads), loads).plus(callees.delta);
}

PointerState PointerState::inside_closure(std::uint8_t context_register,
                                          const PointerValue& closure) const {
  PointerState inside = *this;
  inside.registers_ = {};
  inside.registers_[context_register] = closure;
  return inside;
}

PointerValue PointerState::place_of(const Step& step) const {
  return step.from == binary::kNoRegister ? PointerValue{Origin::kStatic, 0, step.value}
                                          : reg(step.from).plus(step.value);
}

PointerValue PointerState::load(const PointerValue& place, PointerLoads& loads) const {
  return place.origin == Origin::kFrame ? slot(place.delta) : loads.load(place);
}

void PointerState::store(std::int64_t at, std::uint8_t width_bytes, const PointerValue& value) {
  std::erase_if(slots_,
                [&](const Slot& slot) { return slot.at < at + width_bytes && at < slot.at + 8; });
  if (!value.is_known() || width_bytes != 8 || slots_.size() >= kMostSlots) return;
  slots_.insert(std::ranges::lower_bound(slots_, at, {}, &Slot::at), {at, value});
}

void PointerState::clobber(std::uint32_t registers) {
  for (std::uint8_t i = 0; i < kRegisters; ++i)
    if ((registers >> i & 1) != 0) registers_[i] = {};
}

// What is not followed is a value of its own, by where it was computed.
void PointerState::compute(std::uint32_t registers, std::uint32_t step) {
  for (std::uint8_t i = 0; i < kRegisters; ++i)
    if ((registers >> i & 1) != 0)
      registers_[i] = i == kStackPointer ? PointerValue()
                                         : PointerValue{Origin::kResult, step * kRegisters + i, 0};
}

void PointerState::apply(const Step& step, std::uint32_t number, PointerLoads& loads) {
  PointerValue from = place_of(step), result;
  switch (step.effect) {
    case Effect::kConstant:
      result = {Origin::kStatic, 0, step.value};
      break;
    case Effect::kAdd:
      result = from;
      break;
    case Effect::kLoad:
      result = load(from, loads);
      break;
    case Effect::kStore:
      if (from.origin == Origin::kFrame) store(from.delta, step.width_bytes, reg(step.to));
      compute(step.written, number);
      return;
    default:
      compute(step.written, number);
      return;
  }
  compute(step.written, number);
  if (step.to < kRegisters) {
    compute(1U << step.to, number);
    if (result.is_known())
      registers_[step.to] = result;
    else if (step.effect == Effect::kLoad && from.origin == Origin::kFrame)
      store(from.delta, 8, registers_[step.to]);  // it is there too
  }
}

void PointerState::call(std::uint32_t step) {
  clobber(~(1U << kStackPointer));
  std::erase_if(slots_, [&](const Slot& slot) {
    return slot.value.origin == Origin::kResult && slot.value.id / kRegisters == step;
  });
  for (Slot& slot : slots_) slot.is_new = false;
  for (std::uint8_t i = 0; i < kResultRegisters; ++i)
    registers_[i] = {Origin::kResult, step * kRegisters + i, 0};
}

bool PointerState::merge(const PointerState& other) {
  bool changed = false;
  for (std::uint8_t i = 0; i < kRegisters; ++i)
    if (registers_[i].is_known() && registers_[i] != other.registers_[i]) {
      registers_[i] = {};
      changed = true;
    }
  std::size_t before = slots_.size();
  std::erase_if(slots_, [&](const Slot& slot) { return other.slot(slot.at) != slot.value; });
  return changed || slots_.size() != before;
}

}  // namespace goshawk::goruntime
