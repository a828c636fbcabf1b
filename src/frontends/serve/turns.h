// The line in which those stand who want a picture of the process.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

#include "http/server.h"

namespace goshawk::frontends::serve {

class Turns {
 public:
  // `min_interval`: how long the process is left alone between two pictures.
  explicit Turns(std::chrono::nanoseconds min_interval) : min_interval_(min_interval) {}

  // The work, to be done when its turn has come; or where that is too far off, the answer that says
  // when to come again.
  http::Answer queue(http::Work work);
  // Whoever waits gets no turn any more.
  void close();

 private:
  using Clock = std::chrono::steady_clock;

  // Whoever stands in the line, until its turn comes or it is given up.
  class Place {
   public:
    explicit Place(std::atomic<std::int64_t>& waiting) : waiting_(waiting) { ++waiting_; }
    ~Place() { --waiting_; }
    Place(const Place&) = delete;

   private:
    std::atomic<std::int64_t>& waiting_;
  };

  std::chrono::nanoseconds wait_of_next() const;
  http::Response take_turn(const http::Work& work);

  std::chrono::nanoseconds min_interval_;
  std::mutex mutex_;
  std::condition_variable closing_;
  bool closed_ = false;
  std::atomic<std::int64_t> waiting_ = 0;
  std::optional<Clock::time_point> last_end_;
};

}  // namespace goshawk::frontends::serve
