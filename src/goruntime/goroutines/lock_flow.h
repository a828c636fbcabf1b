// Which locks a function has locked where a frame of it stands, on every way there, and where that
// frame has their addresses: by its code, step by step.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "goruntime/goroutines/function_steps.h"
#include "goruntime/goroutines/lock_events.h"
#include "goruntime/goroutines/locked_code.h"
#include "goruntime/goroutines/pointer_values.h"
#include "goruntime/goroutines/unlocking_functions.h"
#include "goruntime/symbols/functions.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// How to come to an address in a frame of which only the stack pointer is known.
struct AddressRecipe {
  bool is_static = false;
  std::int64_t start = 0;           // the address; else where the first word is, from the sp on
  std::vector<std::int64_t> loads;  // the next word is so far behind the one before
  std::int64_t delta = 0;           // at last
};

// What the code before a place has done with one lock.
struct LockAtPlace {
  LockUse use = LockUse::kMutex;
  bool held = false;  // else: unlocked, though this function has not locked it
  // Of one that is held: on every way here; and the code ahead, or a deferred call, unlocks it.
  bool certain = false, unlocks_ahead = false;
  std::optional<AddressRecipe> address;    // none: cannot be told
  std::vector<AddressRecipe> called = {};  // since, through pointers: the code's addresses
};

struct LocksAtPlace {
  std::vector<LockAtPlace> locks;
  bool followed = false;  // else nothing is known
  bool at_lock = false;   // it stands in a call of Lock that it has made itself
  // From the function's start on, if that was asked for.
  std::vector<AddressRecipe> called = {};
  bool called_more = false;  // what cannot be told
};

class LockFlow {
 public:
  // Both must outlive it.
  LockFlow(const target::Memory& memory, const Functions& functions, std::string_view arch);
  ~LockFlow();

  // `pc` as Functions::source_frames takes it. Empty where the code cannot be followed.
  // is_from_start: a caller of it may hold what it unlocks.
  const LocksAtPlace& at(FunctionId function, Address pc, bool is_from_start);
  // Whether a call of the function whose code begins there may unlock one that it has not locked.
  // Of one of that package: or calls what it was not given here.
  bool may_unlock(Address code, LockUse use, std::string_view package);

 private:
  LockedCode* code_of(FunctionId function, bool is_from_start);
  bool is_unlocked_by_deferred(const LockedCode& code, const PointerState& state, LockUse use,
                               const PointerValue& lock);
  void add_held(const LockedCode& code, std::size_t step, const LockState& state,
                LocksAtPlace& place);
  void add_released(const LockState& state, LocksAtPlace& place);

  const Functions& functions_;
  bool is_arm64_;
  LockEvents events_;
  PointerLoads loads_;
  FunctionSteps steps_;
  UnlockingFunctions unlocking_;
  std::unordered_map<FunctionId, std::unique_ptr<LockedCode>> codes_;
  std::unordered_map<Address, LocksAtPlace> known_[2];  // by pc: many goroutines stand at the same
};

}  // namespace goshawk::goruntime
