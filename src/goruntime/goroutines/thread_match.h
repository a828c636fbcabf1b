// Which thread runs which m. An m's procid is the thread's id as its own namespace counts it, which
// from outside of a container is another thread's or nobody's; so the stack that a thread stands on
// decides, and the id only between several ms.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "goruntime/goroutines/scheduler.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct ThreadMatch {
  std::unordered_map<std::int64_t, const M*> m_of_thread;          // by tid
  std::unordered_map<Address, const target::Thread*> thread_of_m;  // by M::address
  // At work, but no thread stands on a stack of theirs: it is on one that C or assembly code set.
  std::vector<const M*> lost;
  // Not even a thread on a stack that nobody knows is left for one of these that runs a goroutine
  // or has a p: its thread is missing (a core without it, a process that shares its memory with
  // another), and with it what it holds.
  bool thread_is_missing = false;
};

// The ms that a collection would wait for: what they hold is alive. Not those that are idle, and
// not those whose goroutine is in a system call, as its stack says all then.
class MsAtWork {
 public:
  explicit MsAtWork(const Scheduler& scheduler);
  bool contains(const M& m) const {
    return m.curg.is_null() ? !m.p.is_null() : !in_syscall_.contains(m.curg);
  }

 private:
  std::unordered_set<Address> in_syscall_;  // gs
};

// Threads that stand on no stack of Go's (C's own) have no m here.
ThreadMatch match_threads(const std::vector<target::Thread>& threads, const Scheduler& scheduler);

}  // namespace goshawk::goruntime
