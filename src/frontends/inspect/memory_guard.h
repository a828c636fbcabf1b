// --max-memory: keeps this process to it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>

namespace goshawk::frontends::inspect {

// While it lives: ends the process, with a message and as a target that could not be read, when
// more than this is resident. 0: there is no limit. What is stopped or beside a twin is let go by
// that, as by any end of ours.
class MemoryGuard {
 public:
  explicit MemoryGuard(std::uint64_t most_bytes);
  MemoryGuard(const MemoryGuard&) = delete;

 private:
  void watch(const std::stop_token& stop);

  std::uint64_t most_bytes_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;
};

}  // namespace goshawk::frontends::inspect
