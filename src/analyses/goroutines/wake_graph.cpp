// A `g` in the heap is a leaf (goruntime cuts its row): reaching the descriptor of a goroutine is
// not reaching what would wake it.
#include "analyses/goroutines/wake_graph.h"

#include <algorithm>

namespace goshawk::analyses::goroutines {

using graph::Edge;
using graph::Node;
using snapshot::Snapshot;

namespace {

// From what is waited on to who waits.
std::vector<Edge> wake_edges(const Snapshot& snapshot,
                             const std::vector<StandingWithReason>& standings) {
  std::vector<Edge> edges;
  for (std::size_t i = 0; i < standings.size(); ++i) {
    if (standings[i].standing != Standing::kCandidate) continue;
    const snapshot::Goroutine& goroutine = snapshot.goroutines[i];
    for (std::uint32_t w = 0; w < goroutine.wait_count; ++w) {
      const snapshot::Wait& wait = snapshot.waits[goroutine.first_wait + w];
      if (wait.place == snapshot::Place::kHeap)
        edges.push_back({wait.object, snapshot.objects.count() + static_cast<Node>(i)});
    }
  }
  return edges;
}

std::vector<Edge> with_weak_edges(const Snapshot& snapshot, std::vector<Edge> edges) {
  for (const snapshot::References::Extra& edge : snapshot.references.extra)
    edges.push_back({edge.from, edge.to});
  std::ranges::sort(edges);
  edges.erase(std::ranges::unique(edges).begin(), edges.end());
  return edges;
}

graph::Graph make_graph(const Snapshot& snapshot) {
  Node goroutines = static_cast<Node>(snapshot.goroutines.size());
  return {.node_count = snapshot.objects.count() + goroutines,
          .rows = {snapshot.references.rows.data(), snapshot.references.edges.data(),
                   snapshot.objects.row_count()},
          .companions = {snapshot.goroutine_root_rows.data(), snapshot.goroutine_roots.data(),
                         goroutines},
          .companions_from = snapshot.objects.count()};
}

}  // namespace

std::vector<StandingWithReason> compute_standings(const Snapshot& snapshot) {
  std::vector<StandingWithReason> standings;
  standings.reserve(snapshot.goroutines.size());
  for (const snapshot::Goroutine& goroutine : snapshot.goroutines)
    standings.push_back(compute_standing(snapshot, goroutine));
  return standings;
}

WakeGraph::WakeGraph(const Snapshot& snapshot, std::vector<StandingWithReason> standings)
    : snapshot_(snapshot),
      standings_(std::move(standings)),
      graph_(make_graph(snapshot)),
      extra_(with_weak_edges(snapshot, wake_edges(snapshot, standings_))) {}

Node WakeGraph::node_of(std::size_t goroutine) const {
  return snapshot_.objects.count() + static_cast<Node>(goroutine);
}

bool WakeGraph::is_goroutine(Node node) const { return node >= snapshot_.objects.count(); }

std::size_t WakeGraph::goroutine_of(Node node) const { return node - snapshot_.objects.count(); }

std::vector<Node> WakeGraph::living() const {
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < standings_.size(); ++i)
    if (standings_[i].standing == Standing::kAlive || standings_[i].standing == Standing::kUnknown)
      nodes.push_back(node_of(i));
  return nodes;
}

}  // namespace goshawk::analyses::goroutines
