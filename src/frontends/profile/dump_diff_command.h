// goshawk diff A B [C...]: of goroutine dumps
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspection/delivery.h"

namespace goshawk::frontends::profile {

struct DumpDiffRequest {
  std::vector<std::string> targets;  // two or more, in the order of time
  inspection::Delivery delivery;
  bool all = false;
  std::vector<std::string> unfit = {};  // options that were given and have no meaning here
};

// Nothing: the first one is no dump, and nothing was done.
std::optional<inspection::ExitCode> run_diff_of_dumps(const DumpDiffRequest& request);

}  // namespace goshawk::frontends::profile
