// `goshawk doctor`: what works on a target, what does not, and why.
#pragma once

#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {

struct DoctorRequest {
  TargetArgument target;
  Delivery delivery;
  bool all = false;
};

// The code is the one that `goshawk leaks` would end with on this target.
ExitCode run_doctor(const DoctorRequest& request);

}  // namespace goshawk::frontends::inspect
