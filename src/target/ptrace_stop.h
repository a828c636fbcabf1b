// How a traced thread has stopped, asked without taking the answer from the kernel: what it stopped
// with stays there. Only the tracing thread's process may ask.
#pragma once

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

namespace goshawk::target {

// `what`: WEXITED, WSTOPPED. si_pid is 0: nothing yet.
inline siginfo_t peek(std::int64_t tid, int what) {
  siginfo_t info{};
  int result;
  do {
    result = ::waitid(P_PID, static_cast<id_t>(tid), &info, what | WNOHANG | WNOWAIT | __WALL);
  } while (result != 0 && errno == EINTR);
  if (result != 0) info.si_code = CLD_EXITED;  // no longer ours
  return info;
}

inline bool has_exited(const siginfo_t& info) {
  return info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED;
}

}  // namespace goshawk::target
