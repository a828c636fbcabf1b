// Which goroutines of a picture are known to be harmless (findings/known_background.h).
#pragma once

#include <cstdint>
#include <vector>

#include "findings/finding.h"
#include "findings/known_background.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// nullptr: it is none.
const findings::KnownBackground* find_background(const snapshot::Snapshot& snapshot,
                                                 const snapshot::Goroutine& goroutine);

// Those among these goroutines, by what they are; numbers in Snapshot::goroutines, ascending.
std::vector<findings::Background> list_background(const snapshot::Snapshot& snapshot,
                                                  const std::vector<std::uint32_t>& goroutines);

}  // namespace goshawk::analyses::goroutines
