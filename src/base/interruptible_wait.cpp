// The signals are blocked and fetched: what comes while no wait runs is kept by the kernel for the
// next one, without a handler. To be made before any other thread, which takes its mask over.
#include "base/interruptible_wait.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace goshawk {

InterruptibleWait::InterruptibleWait() : signals_{}, mask_before_{} {
  ::sigemptyset(&signals_);
  for (int one : {SIGINT, SIGTERM}) ::sigaddset(&signals_, one);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &mask_before_);
}

InterruptibleWait::~InterruptibleWait() { restore(); }

void InterruptibleWait::restore() {
  if (holds_) ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  holds_ = false;
}

bool InterruptibleWait::is_pending() {
  sigset_t pending{};
  ::sigpending(&pending);
  return ::sigismember(&pending, SIGINT) == 1 || ::sigismember(&pending, SIGTERM) == 1;
}

bool InterruptibleWait::wait(std::int64_t ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  using Clock = std::chrono::steady_clock;
  Clock::time_point end = Clock::now() + std::chrono::nanoseconds(ns);
  for (;;) {
    timespec left{.tv_sec = ns / kSecond, .tv_nsec = ns % kSecond};
    int signal = ::sigtimedwait(&signals_, nullptr, &left);
    if (signal > 0) {
      restore();
      return false;
    }
    if (errno != EINTR) return true;
    // Stopped and continued, or the like: the rest of the time.
    auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(end - Clock::now()).count();
    ns = std::max<std::int64_t>(rest, 0);
  }
}

}  // namespace goshawk
