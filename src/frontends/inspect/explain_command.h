// goshawk explain [RULE]
#pragma once

#include <string>

#include "frontends/inspect/delivery.h"

namespace goshawk::frontends::inspect {

struct ExplainRequest {
  std::string rule;  // empty: the list
  Delivery delivery;
};

ExitCode run_explain(const ExplainRequest& request);

}  // namespace goshawk::frontends::inspect
