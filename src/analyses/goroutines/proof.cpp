// Goroutine i is node objects.count() + i; nobody points to it but the edges made here.
// A `g` in the heap is a leaf (goruntime cuts its row): reaching the descriptor of a goroutine is
// not reaching what would wake it.
#include "analyses/goroutines/proof.h"

#include <algorithm>

#include "analyses/goroutines/standing.h"
#include "graph/reachability.h"

namespace goshawk::analyses::goroutines {

using graph::Edge;
using graph::Node;
using snapshot::Snapshot;

namespace {

Node goroutine_node(const Snapshot& snapshot, std::size_t index) {
  return snapshot.objects.count() + static_cast<Node>(index);
}

std::vector<StandingWithReason> compute_standings(const Snapshot& snapshot) {
  std::vector<StandingWithReason> standings;
  standings.reserve(snapshot.goroutines.size());
  for (const snapshot::Goroutine& goroutine : snapshot.goroutines)
    standings.push_back(compute_standing(snapshot, goroutine));
  return standings;
}

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
        edges.push_back({wait.object, goroutine_node(snapshot, i)});
    }
  }
  return edges;
}

// Weak handles' targets come to those: a strong pointer can be made of them.
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

std::vector<Node> find_roots(const Snapshot& snapshot,
                             const std::vector<StandingWithReason>& standings) {
  std::vector<Node> roots;
  roots.reserve(snapshot.roots.size() + 64);
  for (const snapshot::Root& root : snapshot.roots) roots.push_back(root.object);
  for (std::size_t i = 0; i < standings.size(); ++i)
    if (standings[i].standing == Standing::kAlive || standings[i].standing == Standing::kUnknown)
      roots.push_back(goroutine_node(snapshot, i));
  return roots;
}

// Why no proof may be made of this picture; empty when one may.
std::string_view spoiled_by(const Snapshot& snapshot) {
  if (!snapshot.picture.has_references) return "the heap was not read";
  for (const snapshot::Doubt& doubt : snapshot.doubts)
    if (doubt.spoils_proof) return doubt.what;
  return {};
}

Proof without_reachability(const std::vector<StandingWithReason>& standings, std::string_view why) {
  Proof proof;
  for (const StandingWithReason& standing : standings) {
    bool decided = standing.standing == Standing::kAlive;
    proof.states.push_back(decided ? State::kAlive : State::kUnknown);
    proof.unknown_reasons.push_back(decided                                   ? std::string_view()
                                    : standing.standing == Standing::kUnknown ? standing.reason
                                                                              : why);
  }
  return proof;
}

}  // namespace

Proof prove(const Snapshot& snapshot) {
  std::vector<StandingWithReason> standings = compute_standings(snapshot);
  if (std::string_view why = spoiled_by(snapshot); !why.empty())
    return without_reachability(standings, why);

  graph::Reachability reached(make_graph(snapshot),
                              with_weak_edges(snapshot, wake_edges(snapshot, standings)));
  reached.mark_from(find_roots(snapshot, standings));

  Proof proof;
  for (std::size_t i = 0; i < standings.size(); ++i) {
    bool is_unknown = standings[i].standing == Standing::kUnknown;
    bool is_alive = reached.is_marked(goroutine_node(snapshot, i));
    proof.states.push_back(is_unknown ? State::kUnknown
                           : is_alive ? State::kAlive
                                      : State::kLeaked);
    proof.unknown_reasons.push_back(is_unknown ? standings[i].reason : std::string_view());
  }
  return proof;
}

}  // namespace goshawk::analyses::goroutines
