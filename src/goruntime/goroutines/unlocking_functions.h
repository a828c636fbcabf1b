// Which locks a call of a function may unlock that it has not locked itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "goruntime/goroutines/called_functions.h"
#include "goruntime/goroutines/function_steps.h"
#include "goruntime/goroutines/lock_events.h"
#include "goruntime/goroutines/locked_code.h"
#include "goruntime/goroutines/pointer_values.h"
#include "goruntime/symbols/functions.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class UnlockingFunctions : public Callees {
 public:
  // All must outlive it.
  UnlockingFunctions(const target::Memory& memory, const Functions& functions, LockEvents& events,
                     PointerLoads& loads, bool is_arm64);

  std::span<const ReleasedAt> released_by(FunctionId function) override;
  FunctionId function_at(Address code_or_closure) override {
    return called_.function_at(code_or_closure);
  }
  const PassedOn* passed_on_by(FunctionId function) override {
    return passed_on(function, kLevels);
  }
  bool may_unlock(FunctionId function, LockUse use);
  // Its own code, and that of the closures in it.
  std::span<const ReleasedAt> by_itself(FunctionId function);

 private:
  using Released = std::vector<ReleasedAt>;
  class OwnClosures;
  Released find(FunctionId function);
  struct Followed {
    Released released;
    PassedOn passed;
  };
  static constexpr int kLevels = 2;  // of calls in which it is seen what is passed on
  const PassedOn* passed_on(FunctionId function, int levels);
  const Followed& follow(FunctionId function, int levels);
  std::optional<Released> of_standard_library(FunctionId function) const;
  bool has_unlocks(FunctionId function);
  bool find_unlocks(FunctionId function);
  bool is_part_of(FunctionId function, FunctionId part) const;

  const Functions& functions_;
  LockEvents& events_;
  PointerLoads& loads_;
  bool is_arm64_;
  int depth_ = 0;  // of functions that are followed for others
  std::size_t left_visits_;
  CalledFunctions called_;
  FunctionSteps steps_;
  std::unordered_map<FunctionId, Released> known_;  // with all that it calls
  std::map<std::pair<FunctionId, int>, Followed> followed_;
  std::unordered_map<FunctionId, bool> unlocks_;  // in its own code, or in one inside of it
  std::unordered_set<FunctionId> harmless_;       // with all that they call
};

}  // namespace goshawk::goruntime
