// goshawk leaks TARGET
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "findings/finding.h"
#include "frontends/inspect/accepted_argument.h"
#include "frontends/inspect/delivery.h"
#include "frontends/inspect/schedule_argument.h"
#include "frontends/inspect/target_argument.h"

namespace goshawk::frontends::inspect {

struct LeaksRequest {
  TargetArgument target;
  Delivery delivery;
  bool all = false;
  std::vector<std::string> rules;  // empty: every rule
  ScheduleArgument schedule;       // of several pictures
  std::string fail_on;             // "proven", "likely", "suspected"; anything else: never
  AcceptedArgument accepted = {};
  std::vector<std::string> reports = {};  // --report: "sarif=leaks.sarif", beside the result
  std::string goroutine;                  // an id: only its story; empty: all leaks
  bool heap_suspects = false;             // below the text: who holds very much of the heap
};

ExitCode run_leaks(const LeaksRequest& request);

// Leaves only the findings of these rules (their ids); what was checked stays.
void keep_rules(findings::Verdict& verdict, const std::vector<std::string_view>& rules);
// Whether anything new was found with this confidence or a higher one.
bool has_new_finding_at_least(const findings::Verdict& verdict, findings::Confidence confidence);

}  // namespace goshawk::frontends::inspect
