// The line is rewritten a few times a second and wiped at the end, so that nothing of it stays
// between the results; it is cut at the terminal's width, for what has been wrapped cannot be
// wiped. Without a terminal there is no thread at all.
#include "frontends/inspect/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::frontends::inspect {

using std::chrono::milliseconds;

namespace {

std::size_t terminal_columns() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

}  // namespace

std::string progress_text(std::string_view what, const Stages::Running& running,
                          std::int64_t seconds) {
  std::string text(what);
  if (!running.name.empty()) text += ": " + running.name;
  if (running.amount > 0)
    text += fmt::format(", {} % of {}",
                        std::min<std::uint64_t>(running.done * 100 / running.amount, 100),
                        report::human_bytes(running.amount));
  return text + fmt::format(" ... {} s", seconds);
}

Progress::Progress(const Stages& stages, std::string what)
    : stages_(stages), what_(std::move(what)) {
  if (::isatty(STDERR_FILENO) == 1)
    thread_ = std::jthread([this](const std::stop_token& stop) { show_until(stop); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Progress::show_until(const std::stop_token& stop) {
  auto began = std::chrono::steady_clock::now();
  auto pause = milliseconds(1000);
  bool shown = false;
  std::unique_lock lock(mutex_);
  while (true) {
    ended_.wait_for(lock, stop, pause, [] { return false; });
    if (stop.stop_requested()) {
      if (shown) fmt::print(stderr, "\r\x1b[K");
      return;
    }
    auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
    std::string text =
        report::escape_controls(progress_text(what_, stages_.running(), seconds.count()));
    fmt::print(stderr, "\r\x1b[K{}", text.substr(0, terminal_columns() - 1));
    shown = true;
    pause = milliseconds(250);
  }
}

}  // namespace goshawk::frontends::inspect
