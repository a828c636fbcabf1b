// Who holds the live heap, and who of them is suspected to hold more than it should.
#pragma once

#include "analyses/heap/holder_groups.h"
#include "analyses/heap/holder_paths.h"
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

// Who holds what, and the ways there, for all that tell of holders. Refers to the picture, which
// has references; paths are told by `describer`; nullptr: not at all.
struct HeldHeap {
  HeldHeap(const snapshot::Snapshot& snapshot, HolderTree tree, snapshot::PathDescriber* told_by);

  RootHolders roots;
  snapshot::PathDescriber* describer;
  HolderGroups groups;
  HolderPaths paths;
};

findings::HeapHolders find_holders(const snapshot::Snapshot& snapshot, HeldHeap& held);

}  // namespace goshawk::analyses::heap
