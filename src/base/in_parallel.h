// Pieces of one job, shared out to a few threads that live only as long. A piece may wait for
// another one only if that has begun: there may be one thread for all of them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <system_error>
#include <thread>
#include <vector>

namespace goshawk {

inline std::size_t processor_count() {
  return std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
}
inline std::size_t worker_count() { return std::min<std::size_t>(processor_count(), 8); }

// False: there are no more threads for us, and fewer must do.
template <typename Work>
bool start_another(std::vector<std::jthread>& threads, Work& work) {
  try {
    threads.emplace_back(std::ref(work));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

// work(i) for each i < count, in any order, the caller's thread being one of those at work. The
// first exception (no memory) is thrown on once all have ended.
template <typename Work>
void in_parallel(std::size_t count, Work&& work, std::size_t most_threads = worker_count()) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> threw = false;
  std::exception_ptr exception;
  auto take_pieces = [&] {
    try {
      for (std::size_t i; (i = next++) < count;) work(i);
    } catch (...) {
      if (!threw.exchange(true)) exception = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> others;
    std::size_t wanted = std::min(most_threads, count);
    while (others.size() + 1 < wanted && start_another(others, take_pieces)) continue;
    take_pieces();
  }
  if (exception) std::rethrow_exception(exception);
}

}  // namespace goshawk
