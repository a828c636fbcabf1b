// goshawk diff A B
#pragma once

#include <string>

#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {

struct DiffRequest {
  TargetArgument before;
  std::string after;  // its options are those of `before`, as far as they are for its kind
  Delivery delivery;
  bool all = false;  // what changed by little, too
};

ExitCode run_diff(const DiffRequest& request);

}  // namespace goshawk::frontends::inspect
