// The code of one function, and what is locked and where pointers are at every place of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "binary/code_steps.h"
#include "goruntime/goroutines/call_effects.h"
#include "goruntime/goroutines/lock_events.h"
#include "goruntime/goroutines/lock_state.h"
#include "goruntime/goroutines/pointer_values.h"
#include "goruntime/symbols/functions.h"

namespace goshawk::goruntime {

class LockedCode {
 public:
  // is_from_start: what it calls before it holds anything matters too.
  LockedCode(FunctionId function, std::vector<binary::Step> steps, const Functions& functions,
             LockEvents& events, PointerLoads& loads, Callees& callees, bool is_arm64,
             bool is_from_start)
      : function_(function),
        steps_(std::move(steps)),
        functions_(functions),
        events_(events),
        loads_(loads),
        calls_(functions, callees, loads, functions.name(function), is_arm64, is_from_start),
        is_from_start_(is_from_start) {
    find_events();
    follows_ = find_blocks() && walk();
    if (follows_) note_unlocks();
  }

  FunctionId function() const { return function_; }
  bool follows() const { return follows_; }
  bool is_from_start() const { return is_from_start_; }
  // The step that pc is in; none: the code does not come there.
  std::optional<std::size_t> step_at(Address pc) const;
  LockState before(std::size_t step) const;
  const LockEvent* event(std::size_t step) const {
    auto found = events_at_.find(step);
    return found == events_at_.end() ? nullptr : &found->second;
  }
  bool unlocks_ahead(std::size_t step, LockUse use, const PointerValue& lock) const;
  // What it may unlock that it has not locked, in any place, or by defer; and what it passes on.
  const std::vector<ReleasedAt>& released() const { return released_; }
  const PassedOn& passed() const { return passed_; }

 private:
  struct Unlock {
    LockUse use = LockUse::kMutex;
    PointerValue lock;
  };
  struct Block {
    std::size_t begin = 0, end = 0;
    std::vector<std::size_t> next = {};   // blocks
    std::optional<LockState> state = {};  // at its beginning; none: nothing comes there
  };
  void find_events();
  std::optional<LockEvent> find_slow_way(std::size_t step, int branches) const;
  bool find_blocks();
  bool connect(std::size_t block);
  bool walk();
  void note_unlocks();
  void note_end(const LockState& state);
  void apply(std::size_t step, LockState& state) const;
  void apply_event(const LockEvent& event, std::size_t step, LockState& state) const;
  PointerValue lock_of(const LockEvent& event, std::size_t step, const LockState& state) const;
  std::string_view callee(const binary::Step& step) const;
  std::optional<std::size_t> block_at(Address at) const;
  std::size_t block_of(std::size_t step) const;

  FunctionId function_;
  std::vector<binary::Step> steps_;
  const Functions& functions_;
  LockEvents& events_;
  PointerLoads& loads_;
  CallEffects calls_;
  bool is_from_start_;
  bool follows_ = false;
  std::vector<Block> blocks_;
  std::unordered_map<std::size_t, LockEvent> events_at_;  // by step
  std::map<std::size_t, Unlock> unlocks_;                 // by step
  std::vector<ReleasedAt> released_;
  PassedOn passed_;
};

}  // namespace goshawk::goruntime
