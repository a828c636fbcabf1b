// goshawk leaks TARGET
#pragma once

#include <optional>
#include <string>

#include "findings/finding.h"
#include "frontends/inspect/delivery.h"

namespace goshawk::frontends::inspect {

struct LeaksRequest {
  std::string target;
  Delivery delivery;
  bool all = false;
  std::string rule;     // empty: every rule
  std::string fail_on;  // a confidence, or "never"
};

ExitCode run_leaks(const LeaksRequest& request);

// Leaves only the findings of one rule; what was checked stays.
void keep_rule(findings::Verdict& verdict, std::string_view rule);
// Whether anything was found with this confidence or a higher one.
bool has_finding_at_least(const findings::Verdict& verdict, findings::Confidence confidence);

}  // namespace goshawk::frontends::inspect
