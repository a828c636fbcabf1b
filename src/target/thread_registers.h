// The registers of one thread that is in a ptrace stop.
#pragma once

#include <cstdint>
#include <optional>

#include "target/target.h"

namespace goshawk::target {

// nullopt: the thread is gone, or it is no 64-bit thread of this architecture. Only the tracing
// thread may ask.
std::optional<Thread> read_thread_registers(std::int64_t tid);

// The number of the system call that it is in; -1: in none, or it is gone.
std::int64_t read_stopped_system_call(std::int64_t tid);

}  // namespace goshawk::target
