// goshawk FILE, goshawk leaks FILE: of goroutine dumps
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspection/accepted_argument.h"
#include "inspection/delivery.h"

namespace goshawk::frontends::profile {

struct DumpLeaksRequest {
  std::string target;  // "-": standard input
  inspection::Delivery delivery;
  bool all = false;
  std::vector<std::string> rules;  // empty: every rule
  std::string fail_on;             // "proven", "likely", "suspected"; anything else: never
  inspection::AcceptedArgument accepted = {};
  std::vector<std::string> reports = {};  // --report: "sarif=leaks.sarif", beside the result
  std::vector<std::string> unfit = {};    // options that were given and have no meaning here
};

// Nothing: the target is something else, and nothing was done.
std::optional<inspection::ExitCode> run_leaks_of_dump(const DumpLeaksRequest& request);

}  // namespace goshawk::frontends::profile
