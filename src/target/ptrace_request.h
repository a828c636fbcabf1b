// One request to the kernel about a traced thread that has stopped, by the tracing thread.
#pragma once

#include <sys/ptrace.h>
#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <optional>

namespace goshawk::target {

// As ptrace(2): 0, or -1 and errno.
inline long request_of_thread(int what, std::int64_t tid, std::intptr_t argument = 0) {
  return ::ptrace(static_cast<__ptrace_request>(what), static_cast<pid_t>(tid), nullptr,
                  reinterpret_cast<void*>(argument));  // NOLINT(performance-no-int-to-ptr)
}

// What belongs to the event that it has stopped for: a new process, a wait status.
inline std::optional<std::int64_t> read_event_message(std::int64_t tid) {
  unsigned long message = 0;  // NOLINT(google-runtime-int): as the kernel writes it
  if (::ptrace(PTRACE_GETEVENTMSG, static_cast<pid_t>(tid), nullptr, &message) != 0)
    return std::nullopt;
  return static_cast<std::int64_t>(message);
}

// Of the signal that it has stopped for.
inline std::optional<siginfo_t> read_signal_info(std::int64_t tid) {
  siginfo_t info{};
  if (::ptrace(PTRACE_GETSIGINFO, static_cast<pid_t>(tid), nullptr, &info) != 0)
    return std::nullopt;
  return info;
}

}  // namespace goshawk::target
