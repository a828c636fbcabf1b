// Which goroutines can never run again (design: how a leak is proven), grouped into findings.
#pragma once

#include <span>
#include <vector>

#include "analyses/goroutines/growth.h"
#include "analyses/goroutines/judgement.h"
#include "findings/finding.h"
#include "snapshot/holding_path.h"
#include "snapshot/object_types.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Several pictures of a process, of which the last one is judged.
struct Series {
  Growth growth;
  std::vector<Sighting> last;  // of that one's goroutines, in their order
};

// `describer`: how the holders of what is only likely leaked are told; without one they are not.
// What fits a suppression is judged as all the rest, and then shown apart: it changes neither what
// else is found nor any fingerprint. `series`: of several pictures, which also tell what grows.
// `types`: who tells the types of what leaks hold, if anybody does.
findings::Verdict find_leaks(const Judgement& judgement,
                             snapshot::PathDescriber* describer = nullptr,
                             std::span<const findings::Suppression> suppressions = {},
                             const Series* series = nullptr, snapshot::TypeTeller* types = nullptr);

}  // namespace goshawk::analyses::goroutines
