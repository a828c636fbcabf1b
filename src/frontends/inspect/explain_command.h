// goshawk explain [RULE]
#pragma once

#include <string>
#include <vector>

#include "frontends/inspect/delivery.h"

namespace goshawk::frontends::inspect {

struct ExplainRequest {
  std::string rule;  // empty: the list
  Delivery delivery;
};

ExitCode run_explain(const ExplainRequest& request);

// Short names of all rules, for completions.
std::vector<std::string> rule_names();

}  // namespace goshawk::frontends::inspect
