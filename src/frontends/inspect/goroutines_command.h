// goshawk goroutines TARGET
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {

struct GoroutinesRequest {
  TargetArgument target;
  Delivery delivery;
  bool all = false;     // one by one, as the runtime's own dump
  bool labels = false;  // the same, with profiler labels
  bool system = false;
  bool no_stop = false;  // the process runs on while it is read
  std::vector<std::string> states;
  std::string function;
  std::string wait_reason;
  std::string min_age;
  std::string max_age;
  std::vector<std::string> goids;  // "18", "1-9"
};

// The names that GoroutinesRequest::states takes.
const std::vector<std::string_view>& state_names();

ExitCode run_goroutines(const GoroutinesRequest& request);

}  // namespace goshawk::frontends::inspect
