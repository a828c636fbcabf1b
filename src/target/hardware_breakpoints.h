// Instructions at which the processor itself stops a thread: nothing is written into the program.
#pragma once

#include <cstdint>
#include <span>

#include "base/address.h"

namespace goshawk::target {

inline constexpr std::size_t kMostBreakpoints = 2;  // of which every processor has as many

// Of a thread in a ptrace stop, by the tracing thread: instead of those that it had. It gets a
// SIGTRAP (TRAP_HWBKPT) before it executes one of them. False: this machine has none to give.
// Threads and processes that it makes have none.
bool set_breakpoints(std::int64_t tid, std::span<const Address> instructions);
inline bool clear_breakpoints(std::int64_t tid) { return set_breakpoints(tid, {}); }

}  // namespace goshawk::target
