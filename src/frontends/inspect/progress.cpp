// The line is rewritten every second and wiped at the end, so that nothing of it stays between the
// results. Without a terminal there is no thread at all.
#include "frontends/inspect/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

namespace goshawk::frontends::inspect {

Progress::Progress(std::string what) : what_(std::move(what)) {
  if (::isatty(STDERR_FILENO) == 1)
    thread_ = std::jthread([this](const std::stop_token& stop) { show_until(stop); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Progress::show_until(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (int seconds = 1;; ++seconds) {
    ended_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
    if (stop.stop_requested()) {
      if (seconds > 1) fmt::print(stderr, "\r\x1b[K");
      return;
    }
    fmt::print(stderr, "\r\x1b[K{} ... {} s", what_, seconds);
  }
}

}  // namespace goshawk::frontends::inspect
