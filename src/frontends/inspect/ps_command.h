// goshawk ps
#pragma once

#include "frontends/inspect/delivery.h"

namespace goshawk::frontends::inspect {

struct PsRequest {
  Delivery delivery;
  bool quiet = false;  // only the process ids
};

ExitCode run_ps(const PsRequest& request);

}  // namespace goshawk::frontends::inspect
