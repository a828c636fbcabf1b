// goshawk diff A B [C ...]: of pprof profiles
#pragma once

#include <string>
#include <vector>

#include "inspection/delivery.h"

namespace goshawk::frontends::profile {

struct GrowthRequest {
  std::vector<std::string> paths;  // two or more
  inspection::Delivery delivery;
  bool all = false;
  std::string sample_type;  // empty: the one that the profiles mean
  std::string limit;        // "2GB": of memory; empty: none
};

inspection::ExitCode run_growth(const GrowthRequest& request);

}  // namespace goshawk::frontends::profile
