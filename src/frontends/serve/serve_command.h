// goshawk serve PID
#pragma once

#include <cstdint>
#include <string>

#include "inspection/source.h"

namespace goshawk::frontends::serve {

struct ServeRequest {
  inspection::Source source;  // a process
  std::string listen;         // "127.0.0.1:6061"
  std::string token_file;     // empty: there is none
  std::int64_t min_interval_ns = 0;
  bool verbose = false;
};

// Until SIGINT or SIGTERM. The exit code.
Result<void> serve_process(const ServeRequest& request);

}  // namespace goshawk::frontends::serve
