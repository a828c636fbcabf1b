// How objects that somebody asks for are held, and what they hold.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "findings/retention.h"
#include "snapshot/holding_path.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The picture has references and types. None: there is no such object, type or goroutine.
std::optional<findings::Retention> find_retention(const snapshot::Snapshot& snapshot,
                                                  const findings::Asked& asked,
                                                  snapshot::PathDescriber* describer);

// Names of types that `name` may have been meant to be, the nearest first; a few. Those of which it
// is a part; where there is none, those that differ from it by a slip of the finger.
std::vector<std::string> find_similar_types(const snapshot::Snapshot& snapshot,
                                            const std::string& name);

}  // namespace goshawk::analyses::heap
