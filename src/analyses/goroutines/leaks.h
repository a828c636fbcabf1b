// Which goroutines can never run again (design: how a leak is proven), grouped into findings.
#pragma once

#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

findings::Verdict find_leaks(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::goroutines
