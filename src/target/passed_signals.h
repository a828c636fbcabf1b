// What others send to us, passed on to the program that we started, once: kill(2) of a process
// group has sent it there too, by the same sender.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <vector>

namespace goshawk::target {

inline constexpr int kPassedSignals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                         SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};

class PassedSignals {
 public:
  using Clock = std::chrono::steady_clock;

  static bool is_one(int signal);

  // By us, and by the program; `sender` 0: the kernel.
  void received(int signal, pid_t sender, Clock::time_point now);
  void seen(int signal, pid_t sender, Clock::time_point now);

  // Those that are due: nobody else has sent them there for a moment.
  std::vector<int> take_due(Clock::time_point now);
  bool is_waiting() const { return !received_.empty(); }

 private:
  struct One {
    int signal = 0;
    pid_t sender = 0;
    Clock::time_point at;
  };
  std::vector<One> received_, seen_;
};

}  // namespace goshawk::target
