// Stops of processes that watch themselves, and bodies for these.
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "target/child_process_for_tests.h"
#include "target/process_directory.h"
#include "target/process_stop.h"

namespace goshawk::target {

inline Result<std::unique_ptr<ProcessStop>> stop(const ChildProcess& child,
                                                 StopLimits limits = {}) {
  static std::optional<ProcessDirectory> directory;  // outlives the stop; one stop at a time
  directory = ProcessDirectory::open(child.pid());
  return stop_process(*directory, limits);
}

inline std::chrono::nanoseconds pause_of(const ProcessStop& stop) {
  return stop.went_on_at().value_or(std::chrono::steady_clock::now()) - stop.stopped_at();
}

inline void start_threads(int count, const std::function<void(int)>& body) {
  for (int i = 0; i < count; ++i) std::thread([=] { body(i); }).detach();
}

// In user mode mostly, and yet leaving the processor to others.
[[noreturn]] inline void advance(std::atomic<std::uint64_t>& counter) {
  while (true)
    if (++counter % 1000 == 0) ::usleep(100);
}

inline bool is_traced(const ChildProcess& child) {
  auto directory = ProcessDirectory::open(child.pid());
  auto status = directory ? directory->read_file("status").value_or("") : "";
  return find_status_field(status, "TracerPid") != "0";
}

inline SharedState* signalled = nullptr;

inline void note_signal(int, siginfo_t* info, void*) {
  std::uint64_t expected = signalled->counters[1]++;  // one sender, queued signals: in order
  if (info->si_code != SI_QUEUE || info->si_value.sival_ptr != reinterpret_cast<void*>(expected))
    ++signalled->errors;
}

// Its thread counts in counters[1] the signals that come, and what is wrong with them as errors.
inline void count_signals(SharedState& state) {
  signalled = &state;
  struct sigaction action{};
  action.sa_sigaction = note_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigaction(SIGRTMIN, &action, nullptr);
}

}  // namespace goshawk::target
