// The graph that the proof walks: vertices are the heap's objects and the goroutines; an object
// leads to what it points to, a thing that is waited on leads to those who wait on it, a goroutine
// leads to all that its stack and its g hold.
#pragma once

#include <cstdint>
#include <vector>

#include "analyses/goroutines/standing.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// Refers to the picture, which must outlive it.
class WakeGraph {
 public:
  // The picture has references. standings: of its goroutines.
  WakeGraph(const snapshot::Snapshot& snapshot, std::vector<StandingWithReason> standings);

  const graph::Graph& graph() const { return graph_; }
  // Beside the graph's rows: from what is waited on to who waits, from weak handles to their
  // targets (a strong pointer can be made of them). Sorted.
  const std::vector<graph::Edge>& extra() const { return extra_; }
  const std::vector<StandingWithReason>& standings() const { return standings_; }
  // Goroutine i is node objects.count() + i; nobody points to it but what it waits on.
  graph::Node node_of(std::size_t goroutine) const;
  bool is_goroutine(graph::Node node) const;
  std::size_t goroutine_of(graph::Node node) const;  // is_goroutine(node)
  // Every goroutine that lives by itself, or of which that cannot be told.
  std::vector<graph::Node> living() const;

 private:
  const snapshot::Snapshot& snapshot_;
  std::vector<StandingWithReason> standings_;
  graph::Graph graph_;
  std::vector<graph::Edge> extra_;
};

std::vector<StandingWithReason> compute_standings(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::goroutines
