// goshawk leaks FILE, of what a program has written of its goroutines: dumps and profiles.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "inspection/accepted_argument.h"
#include "inspection/delivery.h"
#include "report/judged.h"

namespace goshawk::frontends::profile {

struct StackLeaksRequest {
  std::string target;     // "-": standard input
  std::string name = {};  // for people; empty: the target
  inspection::Delivery delivery;
  bool all = false;
  std::vector<std::string> rules;  // empty: every rule
  std::string fail_on;             // "proven", "likely", "suspected"; anything else: never
  inspection::AcceptedArgument accepted = {};
  std::vector<std::string> reports = {};  // --report: "sarif=leaks.sarif", beside the result
  std::vector<std::string> unfit = {};    // options that were given and have no meaning here
};

inline const std::string& shown_name(const StackLeaksRequest& request) {
  return request.name.empty() ? request.target : request.name;
}

// Reads what is accepted, has it judged, reports it. `noun`: "goroutine dump", for messages.
Result<inspection::ExitCode> judge_and_report(
    const StackLeaksRequest& request, std::string_view noun,
    const std::function<report::Judged(const inspection::Accepted&)>& judge);

}  // namespace goshawk::frontends::profile
