// What a heap will want is forecast before it is read; this is for where the forecast was wrong.
// The kernel has no limit for resident memory, and one of address space would forbid what is only
// reserved. A look costs a few microseconds.
#include "frontends/inspect/memory_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstring>

#include "base/memory_size.h"
#include "frontends/inspect/delivery.h"

namespace goshawk::frontends::inspect {
namespace {

// The second number of /proc/self/statm, in pages.
std::uint64_t read_resident_bytes(int statm) {
  std::array<char, 128> text{};
  if (::pread(statm, text.data(), text.size() - 1, 0) <= 0) return 0;
  const char* number = std::strchr(text.data(), ' ');
  std::uint64_t pages = 0;
  if (number != nullptr) std::from_chars(number + 1, text.data() + text.size(), pages);
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

MemoryGuard::MemoryGuard(std::uint64_t most_bytes) : most_bytes_(most_bytes) {
  if (most_bytes > 0) thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

void MemoryGuard::watch(const std::stop_token& stop) {
  constexpr auto kStep = std::chrono::milliseconds(10);
  int statm = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (read_resident_bytes(statm) > most_bytes_) {
      if (::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r\x1b[K");  // a line of progress
      ::_exit(static_cast<int>(report_error(Missing{
          fmt::format("goshawk has come to --max-memory {}, against its forecast, and gave up",
                      memory_size_text(most_bytes_)),
          "allow more; a core or a snapshot may be looked at on a larger machine"})));
    }
    ended_.wait_for(lock, stop, kStep, [] { return false; });
  }
  ::close(statm);
}

}  // namespace goshawk::frontends::inspect
