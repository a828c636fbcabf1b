// goshawk baseline TARGET|REPORT...
#pragma once

#include <string>
#include <vector>

#include "frontends/inspect/accepted_argument.h"
#include "frontends/inspect/delivery.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {

struct BaselineRequest {
  std::vector<std::string> sources;  // targets, reports and baselines, in any order
  TargetArgument target;             // what is said of the targets; its text is not used
  AcceptedArgument accepted;         // what is suppressed is not put into the baseline
  Delivery delivery;                 // JSON: a baseline; TOML: a draft of suppressions
};

ExitCode run_baseline(const BaselineRequest& request);

}  // namespace goshawk::frontends::inspect
