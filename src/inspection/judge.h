// A picture judged, with what the team has accepted taken into account.
#pragma once

#include "analyses/goroutines/leaks.h"
#include "inspection/inspection.h"

namespace goshawk::inspection {

// Suppressions hold by today's date. `describer`, `series` and `types` as in find_leaks.
findings::Verdict judge(const analyses::goroutines::Judgement& judgement,
                        snapshot::PathDescriber* describer, const Accepted& accepted,
                        const analyses::goroutines::Series* series = nullptr,
                        snapshot::TypeTeller* types = nullptr);

}  // namespace goshawk::inspection
