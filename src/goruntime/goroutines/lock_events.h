// Where a function's own code locks and unlocks package sync's locks: calls of its methods, and
// what the compiler inlined of them.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/address.h"
#include "binary/code_steps.h"
#include "goruntime/symbols/functions.h"

namespace goshawk::goruntime {

enum class LockUse : std::uint8_t { kMutex, kWrite, kRead };

struct LockEvent {
  enum class What : std::uint8_t {
    kLock,
    kUnlock,
    kSlowLock,  // of an inlined Lock that waits: it was counted before it was sure
  };
  What what = What::kLock;
  LockUse use = LockUse::kMutex;
  bool inlined = false;
  std::int64_t offset = 0;  // of the word that is changed, in the lock: inlined ones
  std::uint64_t site = 0;   // the call in the source: the same for all code of an inlined one
};

class LockEvents {
 public:
  // Must outlive it.
  explicit LockEvents(const Functions& functions);

  // nullptr: this step is none.
  const LockEvent* find(FunctionId function, const binary::Step& step);
  // Whether what begins there is an Unlock, or the slow way of an inlined one.
  bool unlocks(Address entry) const;
  // What an atomic instruction is that leads to this call, of the slow way of an inlined method:
  // the line of the instruction itself may be that of its caller.
  std::optional<LockEvent> find_before(FunctionId function, const binary::Step& call) const;

 private:
  std::optional<LockEvent> make(FunctionId function, const binary::Step& step) const;
  std::uint64_t site_of(FunctionId function, Address pc) const;

  const Functions& functions_;
  std::unordered_map<Address, LockEvent> targets_;               // of calls, by entry
  std::unordered_map<Address, LockEvent> slow_ways_;             // what leads to them, by entry
  std::unordered_map<Address, std::optional<LockEvent>> known_;  // by step
};

}  // namespace goshawk::goruntime
