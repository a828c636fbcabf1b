// The picture that is taken of a process of which something grows, and what of it belongs to that.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "frontends/watch/alert.h"
#include "frontends/watch/watched_process.h"
#include "inspection/inspection.h"

namespace goshawk::frontends::watch {

struct Investigating {
  inspection::Accepted accepted;
  std::int64_t max_pause_ns = 0;
  bool takes_pictures = true;
};

struct Investigation {
  std::vector<Alert> alerts;  // one for each number, in their order
  // What a picture says, as `goshawk leaks` does and, where memory grows, who holds it; empty
  // without one.
  std::string report;
};

// What is said of numbers of this process that grow, all of which have a growth(). Takes one
// picture, which stops the process for `max_pause_ns` at most; of an endpoint none can be taken.
Investigation investigate(const WatchedProcess& process,
                          std::span<const GrowingNumber* const> numbers,
                          const Investigating& settings, double now_seconds);

}  // namespace goshawk::frontends::watch
