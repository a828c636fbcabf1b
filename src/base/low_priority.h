// Work that can wait: it takes processors and disks only as far as others leave them.
#pragma once

#include <exception>
#include <optional>
#include <system_error>
#include <thread>
#include <type_traits>

namespace goshawk {

// For good: without privileges there is no way back. Threads that it starts have it too.
void lower_priority_of_this_thread();

// Runs it, which returns something, in a thread of low priority, and waits for it; where there is
// no thread to be had, in this one, as it is.
template <typename Work>
auto at_low_priority(Work&& work) {
  std::optional<std::invoke_result_t<Work&>> result;
  std::exception_ptr thrown;
  auto run = [&] {
    lower_priority_of_this_thread();
    try {
      result.emplace(work());
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  std::thread thread;
  try {
    thread = std::thread(run);
  } catch (const std::system_error&) {
    return work();
  }
  thread.join();
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(result);
}

}  // namespace goshawk
