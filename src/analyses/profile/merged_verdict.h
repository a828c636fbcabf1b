// What the dumps of several processes tell, as one verdict: replicas of a service, a service that
// was restarted.
#pragma once

#include <string>
#include <vector>

#include "findings/finding.h"

namespace goshawk::analyses::profile {

struct ProcessVerdict {
  std::string process;  // for people: "shop-1"
  findings::Verdict verdict;
};

// Of two or more, judged with the same suppressions. A finding says in which of them it is; what is
// of one process only (goids, growth) is left where one has it.
findings::Verdict merge_verdicts(std::vector<ProcessVerdict> processes);

}  // namespace goshawk::analyses::profile
