// Between which calls of Lock and Unlock a frame stands, by the code of its function.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "goruntime/symbols/functions.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// How many more calls of Lock than of Unlock; none where there are not more.
struct HeldLocks {
  std::uint32_t mutexes = 0, writes = 0, reads = 0;  // Mutex.Lock, RWMutex.Lock, RWMutex.RLock
  bool any() const { return mutexes + writes + reads > 0; }
};

class LockCalls {
 public:
  // Both must outlive it.
  LockCalls(const target::Memory& memory, const Functions& functions, std::string_view arch);

  // Whether the function's own code, what was inlined into it too, locks or unlocks anything.
  bool are_in(FunctionId function) { return !calls_of(function).empty(); }
  // Of the calls on the way from the start of `function` to `pc` (as Functions::source_frames takes
  // it), in the order of the source.
  HeldLocks before(FunctionId function, Address pc);

 private:
  enum class Kind : std::uint8_t { kMutex, kWrite, kRead };
  struct Target {
    Kind kind;
    bool unlocks;
    auto operator<=>(const Target&) const = default;
  };
  // The line in each function of an inlined call, outermost first.
  using Place = std::vector<std::pair<std::string_view, std::uint32_t>>;
  struct Call {
    Place place;
    Target target;
    auto operator<=>(const Call&) const = default;
  };

  HeldLocks count(FunctionId function, Address pc);
  const std::vector<Call>& calls_of(FunctionId function);
  Place place_of(FunctionId function, Address pc) const;
  static bool is_before(const Place& one, const Place& other);

  const target::Memory& memory_;
  const Functions& functions_;
  bool is_arm64_;
  std::unordered_map<Address, Target> targets_;  // by entry
  std::unordered_map<FunctionId, std::vector<Call>> calls_;
  std::unordered_map<Address, HeldLocks> known_;  // by pc: many goroutines stand at the same
};

}  // namespace goshawk::goruntime
