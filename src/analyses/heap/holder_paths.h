// How objects are held, in words: by the shortest way from whoever holds them from outside.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyses/heap/root_holders.h"
#include "graph/shortest_paths.h"

namespace goshawk::analyses::heap {

// All must outlive it.
class HolderPaths {
 public:
  // `describer`: nullptr: paths are told by the types of the objects on them only.
  HolderPaths(const snapshot::Snapshot& snapshot, const RootHolders& roots,
              snapshot::PathDescriber* describer);

  // Of an object or a holder; "" when nothing leads to it.
  std::string path_to(graph::Node node);
  // The node that leads to this one on that path; a holder is its own; kNobody: nothing does.
  graph::Node parent(graph::Node node) { return paths_.parent(node); }

 private:
  std::string describe(const std::vector<graph::Node>& nodes);
  std::string describe_by_types(const std::vector<graph::Node>& nodes) const;

  const snapshot::Snapshot& snapshot_;
  const RootHolders& roots_;
  snapshot::PathDescriber* describer_;
  graph::ShortestPaths paths_;
};

}  // namespace goshawk::analyses::heap
