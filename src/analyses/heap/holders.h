// Who holds the live heap, and who of them is suspected to hold more than it should.
#pragma once

#include "analyses/heap/root_holders.h"
#include "findings/heap_holders.h"
#include "graph/dominators.h"
#include "snapshot/holding_path.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The tree of dominators over the heap's objects, below whoever holds them from outside. It needs
// the picture's references and roots, not the types of its objects; refers to it.
struct HolderTree {
  explicit HolderTree(const snapshot::Snapshot& snapshot, HolderChoice choice = HolderChoice::kAll);

  RootHolders roots;
  graph::Dominators dominators;
};

// The picture has references. Paths are told by `describer`; nullptr: not at all.
findings::HeapHolders find_holders(const snapshot::Snapshot& snapshot, HolderTree tree,
                                   snapshot::PathDescriber* describer);
findings::HeapHolders find_holders(const snapshot::Snapshot& snapshot,
                                   snapshot::PathDescriber* describer);

}  // namespace goshawk::analyses::heap
