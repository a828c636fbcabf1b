// Where and how the stack of one goroutine is walked.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/goroutines/system_stack.h"
#include "goruntime/symbols/functions.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct StackStart {
  Address pc, sp, lr;
  Address from = {};         // first byte of the stack to be read
  bool interrupted = false;  // at no safe point
  bool conservative = false;
  const target::Thread* thread = nullptr;        // running: whose registers, where they can be told
  std::vector<std::uint64_t> system_stack = {};  // of its thread, as far as in use for it
  bool walkable = true;  // false: no frames to be had, all words may be pointers
  bool readable = true;  // false: no such stack can be, or is there
};

// A stack of more than this is believed only when it begins and ends in memory.
inline constexpr std::uint64_t kLargeStackBytes = 16 << 20;

class StackStarts {
 public:
  // Both outlive it.
  StackStarts(const target::Target& target, const Functions& functions)
      : target_(target), functions_(functions), system_stack_calls_(target, functions) {}

  // Whose threads stand where; both outlive it. Until then nothing is known of threads.
  void match(const Scheduler& scheduler, const std::vector<target::Thread>& threads);

  StackStart find(const G& g) const;
  const M* find_m(Address address) const;  // null: there is none

 private:
  bool has_ends(AddressRange stack) const;
  void find_of_thread(const G& g, const target::Thread& thread, StackStart& start) const;

  const target::Target& target_;
  const Functions& functions_;
  SystemStackCalls system_stack_calls_;
  std::unordered_map<Address, const target::Thread*> thread_of_m_;
  std::unordered_map<Address, const M*> m_at_;
};

}  // namespace goshawk::goruntime
