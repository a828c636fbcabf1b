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
  // Of an object, by the way to one that refers to it.
  std::string path_by(graph::Node referrer, graph::Node object);
  // Whether the first of these is nothing but a stack that has it.
  bool is_on_stack(graph::Node object);
  // The node that leads to this one on that path; a holder is its own; kNobody: nothing does.
  graph::Node parent(graph::Node node) { return paths_.parent(node); }
  // Whether it only lists what has pools in it: told where nobody else holds it.
  bool lists_pools(graph::Node holder) const;

 private:
  std::string tell(std::vector<graph::Node> nodes);
  std::string describe(const std::vector<graph::Node>& nodes);
  std::string describe_by_types(const std::vector<graph::Node>& nodes) const;

  const snapshot::Snapshot& snapshot_;
  const RootHolders& roots_;
  snapshot::PathDescriber* describer_;
  graph::ShortestPaths paths_;
  std::vector<graph::Node> lists_of_pools_;
};

}  // namespace goshawk::analyses::heap
