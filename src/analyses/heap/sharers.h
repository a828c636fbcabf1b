// Who holds an object that nobody holds alone.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "analyses/heap/holder_paths.h"
#include "analyses/heap/root_holders.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// For each of `shared`: paths to it by what refers to it, the shortest one first, from different
// holders; two at most, so there may be more holders than are told. One pass over all references.
std::map<graph::Node, std::vector<std::string>> find_sharers(const snapshot::Snapshot& snapshot,
                                                             const RootHolders& roots,
                                                             HolderPaths& paths,
                                                             std::span<const graph::Node> shared);

}  // namespace goshawk::analyses::heap
