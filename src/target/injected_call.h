// One system call made by a stopped thread of the target, which waits in a call of its own and goes
// on waiting in it afterwards: registers, signals and mask as before. ptrace(2),
// arch/x86/kernel/signal.c (arch_do_signal_or_restart).
//
// Only threads that rest: in a wait from which a return without cause does no harm, whatever it
// returns. If we die in the middle, that is what happens to such a thread, and nothing more: no
// instruction but its own `syscall` is ever run, nothing of its memory is written, no signal is
// made that the kernel could deliver.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/address.h"
#include "base/result.h"
#include "target/tracer.h"

namespace goshawk::target {

// Whether this was built for an architecture whose registers are known here: x86-64.
bool can_inject_calls();

// Of a thread in a ptrace stop. `resting`: the code whose waits may end without cause. nullopt: it
// does not rest; otherwise where its own `syscall` instruction is.
std::optional<Address> find_resting_call(const TracedThread& thread,
                                         std::span<const AddressRange> resting);

struct SystemCall {
  std::uint64_t number = 0;
  std::array<std::uint64_t, 6> arguments = {};
};

struct CallOutcome {
  std::int64_t result = 0;       // what the call returned, or -errno
  std::int64_t new_process = 0;  // that it made: traced, stopped, killed when its tracer ends
};

// The thread is in a ptrace stop again when this returns, with the signal that came meanwhile noted
// in it; unless it is gone. An error: the call was not made.
Result<CallOutcome> inject_call(TracedThread& thread, Address instruction, const SystemCall& call);

}  // namespace goshawk::target
