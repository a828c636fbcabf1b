// goshawk goroutines TARGET
#pragma once

#include <string>
#include <vector>

#include "frontends/inspect/delivery.h"

namespace goshawk::frontends::inspect {

struct GoroutinesRequest {
  std::string target;
  Delivery delivery;
  bool all = false;     // one by one, as the runtime's own dump
  bool labels = false;  // in that dump
  bool system = false;
  std::vector<std::string> states;
  std::string function;
  std::string wait_reason;
  std::string min_age;
  std::string max_age;
  std::vector<std::string> goids;
};

ExitCode run_goroutines(const GoroutinesRequest& request);

}  // namespace goshawk::frontends::inspect
