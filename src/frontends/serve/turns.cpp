// Work is done one after the other anyway, or given up with its client (http::Server). Here it is
// kept apart in time, and who would wait for longer than a client's patience is sent away at once.
#include "frontends/serve/turns.h"

#include <algorithm>
#include <memory>
#include <string>

namespace goshawk::frontends::serve {
namespace {

constexpr std::chrono::seconds kMostWait{5};

http::Response come_again_in(std::chrono::nanoseconds wait) {
  std::string seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count());
  http::Response response = http::plain_response(
      429,
      "too many pictures are asked for: --min-interval allows the next one in " + seconds + " s");
  response.headers.push_back({"Retry-After", seconds});
  return response;
}

}  // namespace

// With the lock held. How long pictures take is not known: those before may make it longer.
std::chrono::nanoseconds Turns::wait_of_next() const {
  std::chrono::nanoseconds wait = min_interval_ * waiting_.load();
  if (last_end_)
    wait += std::max(std::chrono::nanoseconds(0), *last_end_ + min_interval_ - Clock::now());
  return wait;
}

http::Answer Turns::queue(http::Work work) {
  std::scoped_lock lock(mutex_);
  std::chrono::nanoseconds wait = wait_of_next();
  if (wait > kMostWait) return come_again_in(wait);
  return [this, place = std::make_shared<Place>(waiting_), work = std::move(work)] {
    return take_turn(work);
  };
}

http::Response Turns::take_turn(const http::Work& work) {
  {
    std::unique_lock lock(mutex_);
    if (last_end_)
      closing_.wait_until(lock, *last_end_ + min_interval_, [this] { return closed_; });
    if (closed_) return http::plain_response(503, "goshawk serve is ending");
  }
  http::Response response = work();
  std::scoped_lock lock(mutex_);
  last_end_ = Clock::now();
  return response;
}

void Turns::close() {
  std::scoped_lock lock(mutex_);
  closed_ = true;
  closing_.notify_all();
}

}  // namespace goshawk::frontends::serve
