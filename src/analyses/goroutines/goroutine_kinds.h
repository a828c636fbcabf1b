// The goroutines of a picture by their sites, in words that another picture has too.
#pragma once

#include <vector>

#include "findings/finding.h"
#include "findings/inventory.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Without the runtime's own. `verdict` is that of the picture: what is found of how many of each.
std::vector<findings::GoroutineKind> list_goroutine_kinds(const snapshot::Snapshot& snapshot,
                                                          const findings::Verdict& verdict);

}  // namespace goshawk::analyses::goroutines
