// What goroutines of one stack wait for, as far as their stack and state tell.
#pragma once

#include <cstdint>
#include <string_view>

#include "analyses/profile/stack_groups.h"

namespace goshawk::analyses::profile {

enum class WaitFor : std::uint8_t {
  kNothing,  // they run, or could
  kSleep,
  kSyscall,
  kReceive,
  kSend,
  kSelect,
  kNilChannel,
  kNoCases,
  kMutex,
  kRWMutex,
  kWaitGroup,
  kCond,
  kIo,
  kRuntime,  // its own affairs
  kUnknown,
};

// By what the runtime prints alone.
WaitFor classify_state(std::string_view state);
WaitFor classify_wait(const StackGroup& group);

// Of channels, locks and the like: only another goroutine can end it.
bool is_blocked(WaitFor wait);

// The first frame that is neither the runtime's nor of what waits on its behalf: where they wait.
// Nothing: there are no frames.
const findings::CodePlace* find_waiting_frame(const StackGroup& group);

}  // namespace goshawk::analyses::profile
