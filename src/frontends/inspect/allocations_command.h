// goshawk heap TARGET --allocations
#pragma once

#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {

struct AllocationsRequest {
  TargetArgument target;
  Delivery delivery;
  bool all = false;  // every line of code
};

ExitCode run_allocations(const AllocationsRequest& request);

}  // namespace goshawk::frontends::inspect
