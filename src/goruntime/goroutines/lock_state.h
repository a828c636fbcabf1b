// What is locked and where pointers are at one place of a function's code, on the ways there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "goruntime/goroutines/lock_events.h"
#include "goruntime/goroutines/pointer_values.h"

namespace goshawk::goruntime {

struct HeldAt {
  LockUse use = LockUse::kMutex;
  PointerValue lock;
  std::uint64_t site = 0;
  bool certain = true;  // Lock was passed on every way, and nothing since that may have unlocked it
  bool stored = false;  // what leads to it was written to memory since
  std::vector<PointerValue> called = {};  // since, through pointers: the code's addresses

  bool operator==(const HeldAt&) const = default;
};

struct ReleasedAt {
  std::optional<LockUse> use;  // none: any
  PointerValue lock;           // unknown: any
  bool operator==(const ReleasedAt&) const = default;
};

// What a function has done with the pointers that it has; unknown ones: anything.
struct PassedOn {
  std::vector<PointerValue> called;  // code
  std::vector<PointerValue> stored;  // in memory
  std::vector<PointerValue> sent;    // to channels
  bool more = false;                 // than is kept

  void add(const PointerValue& one, std::vector<PointerValue> PassedOn::* to);
  void add_all(const PassedOn& other);
  bool operator==(const PassedOn&) const = default;
};

struct LockState {
  PointerState pointers;
  std::vector<HeldAt> held;
  std::vector<ReleasedAt> released;  // may have been, and the lock was not taken here
  PassedOn passed;                   // from the function's start on
  bool overflown = false;            // more locks than are followed: nothing is known

  void lock(LockUse use, const PointerValue& lock, std::uint64_t site);
  void unlock(LockUse use, const PointerValue& lock);
  // A call may have, of a lock that it has not locked itself.
  void may_have_unlocked(const ReleasedAt& released);
  // A call of code whose address only the running program knows; unknown: not even it.
  void call_through(const PointerValue& code);
  // From now on nothing that is held is certain to be.
  void doubt_all();
  static void doubt(HeldAt& held);
  // Becomes what may be on both ways; whether that changed it.
  bool merge(const LockState& other);

 private:
  void release(const ReleasedAt& one);
};

}  // namespace goshawk::goruntime
