// Threads that a signal interrupted: what they were doing before stands in the frame that the
// kernel put on the signal stack. Every thread of a program that crashed is in a handler.
#pragma once

#include <optional>
#include <vector>

#include "base/byte_view.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/symbols/functions.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct Interruptions {
  std::size_t count = 0;     // threads in a handler
  bool all_resolved = true;  // else a thread's registers are still those of its handler
  // What threads on stacks that C set seem to have been before. They are left as they are: a frame
  // on memory that may have been anything is no fact, and all of such a stack is scanned
  // (roots.cpp).
  std::vector<target::Thread> elsewhere;
};

// Gives each thread on a gsignal stack the registers that it had before the signal. When an m at
// work has no thread, stacks that C code gave to sigaltstack are looked for too.
Interruptions resolve_interrupted(const target::Target& target, const Functions& functions,
                                  const Scheduler& scheduler, std::vector<target::Thread>& threads);

// The same for one thread `now`, from the bytes `used` of its stack, from its stack pointer on, if
// that is a signal stack: `stack`, or, without bounds, any. nullopt: no signal's frame is in them.
std::optional<target::Thread> find_interrupted(binary::Machine machine, ByteView bytes,
                                               AddressRange used, AddressRange stack,
                                               const target::Thread& now);

}  // namespace goshawk::goruntime
