// A picture judged, with what the team has accepted taken into account.
#pragma once

#include <vector>

#include "analyses/goroutines/leaks.h"
#include "inspection/inspection.h"

namespace goshawk::inspection {

// Of a suppression file, by today's date.
struct HoldingSuppressions {
  std::vector<findings::Suppression> holding, expired;
};
HoldingSuppressions find_holding(const Accepted& accepted);

// Says in a verdict, for which those that hold were heeded, which files there were, what has
// expired and what is known by the baseline.
void note_accepted(findings::Verdict& verdict, const Accepted& accepted,
                   HoldingSuppressions suppressions);

// Suppressions hold by today's date. `describer`, `series` and `types` as in find_leaks.
findings::Verdict judge(const analyses::goroutines::Judgement& judgement,
                        snapshot::PathDescriber* describer, const Accepted& accepted,
                        const analyses::goroutines::Series* series = nullptr,
                        snapshot::TypeTeller* types = nullptr);

}  // namespace goshawk::inspection
