// A hold is doubted when what is called may unlock it:
//
//   called       a function that unlocks what it has not locked, or that calls such a one
//   given away   a closure or method value that does, to a call or to memory, since Lock; one that
//                this function has deferred itself is not: its address is in the frame
//   unknown      code whose address is in the running program (an interface, a function value):
//                noted, and looked up there; where not even that is known, doubted
//   started      a goroutine, timer, finalizer or cleanup
//   sent         to a channel, what leads to the lock, or what may since that was written to memory
//
// Of a called function of the same package counts what it calls through pointers and what it sends,
// as far as these are what it was given; other packages hardly know of the lock. Not seen: what
// functions of the standard library call back, but for sync.Once.
#include "goruntime/goroutines/call_effects.h"

#include <algorithm>
#include <array>
#include <vector>

#include "goruntime/symbols/function_package.h"

namespace goshawk::goruntime {

using binary::Effect;
using binary::Step;

namespace {

constexpr std::array<std::uint8_t, 9> kX86Arguments = {0, 3, 1, 7, 6, 8, 9, 10, 11};
constexpr std::int64_t kWord = 8;
constexpr std::int64_t kMostSentWords = 4;
constexpr std::int64_t kMostCases = 16;
constexpr std::int64_t kMostClosures = 16;  // in an array
constexpr std::size_t kWithValueArguments = 6;
constexpr std::int64_t kLowestAddress = 4096;     // below it are numbers
constexpr std::int64_t kFarthestInStruct = 4096;  // a lock in a global variable

// Calls that have something else run later, which may unlock what is locked by now.
bool starts_something(std::string_view callee) {
  for (std::string_view one : {"runtime.newproc", "time.AfterFunc", "context.AfterFunc",
                               "runtime.SetFinalizer", "runtime.AddCleanup"})
    if (callee.starts_with(one)) return true;
  return false;
}

bool is_number(const PointerValue& value) {
  return value.origin == Origin::kStatic && value.delta >= 0 && value.delta < kLowestAddress;
}

// Whether who has `word` comes to the lock by it: it is the lock, the struct around it, or what the
// lock's address was loaded from.
bool leads_to(const PointerValue& word, PointerValue lock, const PointerLoads& loads) {
  if (!word.is_known()) return false;
  while (true) {
    bool is_same = word.has_base_of(lock);
    if (is_same && word.origin == Origin::kStatic)
      is_same = word.delta <= lock.delta && lock.delta - word.delta < kFarthestInStruct;
    if (is_same) return true;
    if (lock.origin != Origin::kLoad) return false;
    lock = loads.place(lock.id);
  }
}

}  // namespace

CallEffects::CallEffects(const Functions& functions, Callees& callees, PointerLoads& loads,
                         std::string_view function, bool is_arm64, bool is_from_start)
    : functions_(functions),
      callees_(callees),
      loads_(loads),
      is_arm64_(is_arm64),
      is_from_start_(is_from_start),
      package_(package_of(function)),
      is_trusted_(is_of_standard_library(function)) {}

std::uint8_t CallEffects::argument(std::size_t index) const {
  return is_arm64_ ? static_cast<std::uint8_t>(index) : kX86Arguments[index];
}

// Of a call without a target: its code's address.
PointerValue CallEffects::code_of(const Step& step, const PointerState& pointers) const {
  if (step.effect == Effect::kLoad) return pointers.load(pointers.place_of(step), loads_);
  return step.effect == Effect::kAdd ? pointers.place_of(step) : PointerValue();
}

FunctionId CallEffects::function_at(const PointerValue& value) const {
  if (value.origin != Origin::kStatic || is_number(value)) return kNoFunction;
  return callees_.function_at(Address(static_cast<std::uint64_t>(value.delta)));
}

void CallEffects::may_run(FunctionId called, const PointerState& there, LockState& state) const {
  for (const ReleasedAt& one : callees_.released_by(called))
    state.may_have_unlocked({one.use, there.in_words_of_caller(one.lock, loads_)});
}

void CallEffects::pass_on(const PassedOn& by, LockState& state) const {
  for (const PointerValue& code : by.called)
    state.call_through(state.pointers.in_words_of_caller(code, loads_));
  for (const PointerValue& word : by.stored)
    store(state.pointers.in_words_of_caller(word, loads_), state);
  for (const PointerValue& word : by.sent)
    send(state.pointers.in_words_of_caller(word, loads_), state);
  if (by.more) state.doubt_all();
  state.passed.more = state.passed.more || by.more;
}

void CallEffects::call_known(FunctionId called, std::string_view name, LockState& state) const {
  may_run(called, state.pointers, state);
  if (is_trusted_) return;
  // Once calls what it is given, and this one may be given an Unlock.
  if (name.starts_with("sync.(*Once).")) {
    PointerValue closure = state.pointers.reg(argument(1));
    if (closure.origin != Origin::kFrame && closure.origin != Origin::kStatic)
      state.call_through(state.pointers.load(closure, loads_));
  }
  if (name == "context.WithValue")
    for (std::size_t i = 0; i < kWithValueArguments; ++i)
      store(state.pointers.reg(argument(i)), state);
  send_to_channel(name, state);
  if (package_of(name) != package_) return;
  if (const PassedOn* by = callees_.passed_on_by(called)) pass_on(*by, state);
}

void CallEffects::call_unknown(const PointerValue& code, LockState& state) const {
  PointerValue first = state.pointers.reg(argument(0));
  if (first.is_known()) state.may_have_unlocked({std::nullopt, first});
  if (!is_trusted_) state.call_through(code);
}

// The function of a closure that a word leads to; kNoFunction: it is none.
FunctionId CallEffects::closure_of(const PointerValue& word, const PointerState& pointers) const {
  return function_at(word.origin == Origin::kFrame ? pointers.slot(word.delta) : word);
}

void CallEffects::hand_over(const PointerValue& word, LockState& state) const {
  FunctionId function = closure_of(word, state.pointers);
  if (function != kNoFunction)
    may_run(function, state.pointers.inside_closure(context(), word), state);
}

void CallEffects::hand_over_closures(LockState& state) const {
  for (std::size_t i = 0; i < kX86Arguments.size(); ++i) {
    PointerValue value = state.pointers.reg(argument(i));
    if (!state.pointers.has_slot_with(value)) hand_over(value, state);
    // Or the beginning of an array of them.
    for (std::int64_t at = 0; value.origin == Origin::kFrame && at < kMostClosures; ++at) {
      PointerValue word = state.pointers.new_slot(value.delta + at * kWord);
      if (closure_of(word, state.pointers) == kNoFunction) break;
      if (word.origin == Origin::kFrame) hand_over(word, state);
    }
  }
}

void CallEffects::send(const PointerValue& word, LockState& state) const {
  if (is_number(word)) return;
  for (HeldAt& held : state.held)
    if (held.stored || leads_to(word, held.lock, loads_)) LockState::doubt(held);
  if (is_from_start_) state.passed.add(word, &PassedOn::sent);
}

// How many words it has is not known: those behind the first one were written for it.
void CallEffects::send_element(const PointerValue& element, LockState& state) const {
  if (element.origin != Origin::kFrame) return;  // a constant
  send(state.pointers.slot(element.delta), state);
  for (std::int64_t i = 1; i < kMostSentWords; ++i)
    if (PointerValue word = state.pointers.new_slot(element.delta + i * kWord); word.is_known())
      send(word, state);
}

void CallEffects::send_to_channel(std::string_view name, LockState& state) const {
  if (name == "runtime.chansend1" || name == "runtime.selectnbsend")
    return send_element(state.pointers.reg(argument(1)), state);
  if (name != "runtime.selectgo") return;
  // Those that send come first: {channel, element} each.
  PointerValue cases = state.pointers.reg(argument(0)), count = state.pointers.reg(argument(3));
  std::int64_t sends = is_number(count) ? count.delta : kMostCases;
  for (std::int64_t i = 0; cases.origin == Origin::kFrame && i < std::min(sends, kMostCases); ++i)
    send_element(state.pointers.slot(cases.delta + (2 * i + 1) * kWord), state);
}

// A variable whose address the called function has may have another value afterwards. A closure
// made in the frame stays what it is.
void CallEffects::forget_variables(LockState& state) const {
  std::vector<std::int64_t> given;
  for (std::size_t i = 0; i < kX86Arguments.size(); ++i)
    if (PointerValue value = state.pointers.reg(argument(i)); value.origin == Origin::kFrame)
      given.push_back(value.delta);
  for (const PointerState::Slot& slot : state.pointers.slots())
    if (slot.value.origin == Origin::kFrame) given.push_back(slot.value.delta);
  for (std::int64_t at : given)
    if (function_at(state.pointers.slot(at)) == kNoFunction) state.pointers.forget_slot(at);
}

void CallEffects::store(const PointerValue& value, LockState& state) const {
  if (!value.is_known() || is_number(value) || !matters(state)) return;
  for (HeldAt& held : state.held) held.stored = held.stored || leads_to(value, held.lock, loads_);
  if (is_from_start_ && value.origin != Origin::kStatic) state.passed.add(value, &PassedOn::stored);
  if (FunctionId function = function_at(value); function != kNoFunction)
    may_run(function, PointerState(), state);
}

std::vector<ReleasedAt> CallEffects::released_by_deferred(const LockState& state) const {
  std::vector<ReleasedAt> released;
  for (const PointerState::Slot& slot : state.pointers.slots()) {
    FunctionId function = function_at(slot.value);
    if (function == kNoFunction) continue;
    PointerState inside = state.pointers.inside_closure(context(), {Origin::kFrame, 0, slot.at});
    for (const ReleasedAt& one : callees_.released_by(function)) {
      PointerValue lock = inside.in_words_of_caller(one.lock, loads_);
      if (std::ranges::none_of(state.held, [&](const HeldAt& held) {
            return held.use == one.use && (!lock.is_known() || held.lock == lock);
          }))
        released.push_back({one.use, lock});
    }
  }
  return released;
}

std::string_view CallEffects::name_of_target(const Step& step) const {
  FunctionId called = step.target.is_null() ? kNoFunction : functions_.find(step.target);
  return called == kNoFunction ? std::string_view() : functions_.name(called);
}

void CallEffects::may_run_what_is_called(const Step& step, LockState& state) const {
  if (starts_something(name_of_target(step))) state.doubt_all();
  if (!matters(state)) return;
  PointerValue code = step.target.is_null() ? code_of(step, state.pointers) : PointerValue();
  FunctionId called = step.target.is_null() ? function_at(code) : functions_.find(step.target);
  if (called == kNoFunction && step.target.is_null()) call_unknown(code, state);
  if (called != kNoFunction) call_known(called, functions_.name(called), state);
  if (!name_of_target(step).starts_with("runtime.deferproc")) hand_over_closures(state);
}

void CallEffects::leave(const Step& step, std::uint32_t number, LockState& state) const {
  std::string_view name = name_of_target(step);
  if (name.starts_with("runtime.gcWriteBarrier"))
    return state.pointers.clobber(is_arm64_ ? 1U << 25 | 1U << 27 | 1U << 30 : 1U << 11);
  if (name.starts_with("runtime.duff"))
    return state.pointers.clobber(is_arm64_ ? 1U << 20 | 1U << 21 | 3U << 26 | 1U << 30
                                            : 1U << 6 | 1U << 7);
  forget_variables(state);
  std::erase_if(state.held, [&](const HeldAt& held) {
    return held.lock.origin == Origin::kResult && held.lock.id / binary::kRegisters == number;
  });
  state.pointers.call(number);
}

}  // namespace goshawk::goruntime
