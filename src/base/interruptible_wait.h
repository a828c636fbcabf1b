// Waits that Ctrl-C ends, and not the whole command.
#pragma once

#include <csignal>
#include <cstdint>

namespace goshawk {

// While it lives, SIGINT and SIGTERM end a wait, the running one or the next. From then on they
// end the process as ever.
class InterruptibleWait {
 public:
  InterruptibleWait();
  ~InterruptibleWait();
  InterruptibleWait(const InterruptibleWait&) = delete;

  bool wait(std::int64_t ns);  // false: interrupted
  // Whether the next wait will be, for work in between that may be given up.
  static bool is_pending();

 private:
  void restore();

  sigset_t signals_;
  sigset_t mask_before_;
  bool holds_ = true;
};

}  // namespace goshawk
