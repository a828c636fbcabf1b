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
#include "inspection/report_choice.h"

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

using inspection::has_new_finding_at_least;
using inspection::keep_rules;

ExitCode run_leaks(const LeaksRequest& request);

}  // namespace goshawk::frontends::inspect
