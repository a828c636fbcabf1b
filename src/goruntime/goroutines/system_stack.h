// Goroutines whose thread is on the system stack for them: where their own stack goes on then.
// Follows runtime/asm_amd64.s systemstack.
#pragma once

#include <vector>

#include "goruntime/goroutines/scheduler.h"
#include "goruntime/symbols/functions.h"
#include "target/target.h"

namespace goshawk::goruntime {

class SystemStackCalls {
 public:
  SystemStackCalls(const target::Target& target, const Functions& functions);

  // The words that the system stack holds since the running goroutine `g` called systemstack: its
  // own stack is then in use from g.sched_sp on, where the call returns. Empty: it cannot be told
  // that the thread of `m` got there by that call.
  std::vector<std::uint64_t> words_since(const G& g, const M& m,
                                         const target::Thread& thread) const;

 private:
  bool is_in(Address pc, std::string_view name) const;

  const target::Target& target_;
  const Functions& functions_;
  bool usable_;
};

}  // namespace goshawk::goruntime
