// What a call in a function's code does to the locks that it holds and to the pointers that it has.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "binary/code_steps.h"
#include "goruntime/goroutines/lock_state.h"
#include "goruntime/goroutines/pointer_values.h"
#include "goruntime/symbols/functions.h"

namespace goshawk::goruntime {

// The register in which a closure's code finds what it has captured.
inline constexpr std::uint8_t kX86Context = 2, kArm64Context = 26;

// What is known of the functions that are called.
class Callees {
 public:
  virtual ~Callees() = default;
  // What a call of it may unlock that it has not locked itself, in its own words: see
  // PointerState::in_words_of_caller.
  virtual std::span<const ReleasedAt> released_by(FunctionId called) = 0;
  // What it does with pointers, in its own words; nullptr: nothing that matters.
  virtual const PassedOn* passed_on_by(FunctionId called) = 0;
  // Whose code begins there, or whose closure lies there.
  virtual FunctionId function_at(Address code_or_closure) = 0;
};

class CallEffects {
 public:
  // All must outlive it. is_from_start: what was called before anything is held matters too.
  CallEffects(const Functions& functions, Callees& callees, PointerLoads& loads,
              std::string_view function, bool is_arm64, bool is_from_start);

  // On the locks: what the call may unlock.
  void may_run_what_is_called(const binary::Step& step, LockState& state) const;
  // On the pointers.
  void leave(const binary::Step& step, std::uint32_t number, LockState& state) const;
  // A word was written to memory that is not the frame's.
  void store(const PointerValue& value, LockState& state) const;
  // What the closures that are in the frame then unlock when it ends.
  std::vector<ReleasedAt> released_by_deferred(const LockState& state) const;

 private:
  bool matters(const LockState& state) const { return is_from_start_ || !state.held.empty(); }
  std::uint8_t argument(std::size_t index) const;
  std::uint8_t context() const { return is_arm64_ ? kArm64Context : kX86Context; }
  std::string_view name_of_target(const binary::Step& step) const;
  PointerValue code_of(const binary::Step& step, const PointerState& pointers) const;
  FunctionId function_at(const PointerValue& value) const;
  void call_known(FunctionId called, std::string_view name, LockState& state) const;
  void call_unknown(const PointerValue& code, LockState& state) const;
  void may_run(FunctionId called, const PointerState& there, LockState& state) const;
  void pass_on(const PassedOn& by, LockState& state) const;
  FunctionId closure_of(const PointerValue& word, const PointerState& pointers) const;
  void hand_over(const PointerValue& word, LockState& state) const;
  void hand_over_closures(LockState& state) const;
  void send_to_channel(std::string_view name, LockState& state) const;
  void send_element(const PointerValue& element, LockState& state) const;
  void send(const PointerValue& word, LockState& state) const;
  void forget_variables(LockState& state) const;

  const Functions& functions_;
  Callees& callees_;
  PointerLoads& loads_;
  bool is_arm64_, is_from_start_;
  std::string_view package_;
  bool is_trusted_;  // of the standard library: it gives its own locks to nobody
};

}  // namespace goshawk::goruntime
