// A listing of /proc/PID/task without one that runs has no more to come: who could make another is
// stopped.
#include "target/paused_threads.h"

#include "target/ptrace_request.h"
#include "target/thread_registers.h"

namespace goshawk::target {

void begin_pause(WatchedProcess& process, std::int64_t stopped) {
  process.holding = true;
  for (std::int64_t tid : process.threads)
    if (tid != stopped) request_of_thread(PTRACE_INTERRUPT, tid);
}

std::optional<std::vector<Thread>> find_paused(const ProcessDirectory& directory,
                                               const WatchedProcess& process,
                                               std::int64_t stopped) {
  std::vector<Thread> threads;
  for (std::int64_t tid : directory.list_threads()) {
    if (tid != stopped && !process.paused.contains(tid)) {
      char state = read_thread_state(directory, tid);
      if (state == 'Z' || state == 'X') continue;
      return std::nullopt;
    }
    auto registers = read_thread_registers(tid);
    if (!registers) return std::nullopt;  // it was killed a moment ago
    threads.push_back(*std::move(registers));
  }
  return threads;
}

bool end_pause(WatchedProcess& process) {
  process.holding = false;
  bool intact = !process.ends_since;
  for (const auto& [tid, how] : process.paused)
    intact = request_of_thread(how.listens ? PTRACE_LISTEN : PTRACE_CONT, tid, how.signal) == 0 &&
             intact;
  process.paused.clear();
  return intact;
}

void leave_paused(WatchedProcess& process) {
  process.holding = false;
  process.paused.clear();
}

void continue_thread(WatchedProcess* process, std::int64_t tid, int signal) {
  if (process != nullptr && process->holding)
    process->paused[tid] = {.signal = signal};
  else
    request_of_thread(PTRACE_CONT, tid, signal);
}

void listen_to_thread(WatchedProcess* process, std::int64_t tid) {
  if (process != nullptr && process->holding)
    process->paused[tid] = {.listens = true};
  else
    request_of_thread(PTRACE_LISTEN, tid);
}

}  // namespace goshawk::target
