// The path is the shortest from all that is a root for the collector, other goroutines' stacks
// included where they live. What is only there for finalizers comes last among equals.
#include "analyses/goroutines/holding_paths.h"

#include <algorithm>

#include "analyses/goroutines/proof.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using graph::Node;
using snapshot::HoldingPath;
using snapshot::Root;

HoldingPaths::HoldingPaths(const snapshot::Snapshot& snapshot, const WakeGraph& wakes)
    : snapshot_(snapshot), wakes_(wakes), paths_(find_paths()) {}

graph::ShortestPaths HoldingPaths::find_paths() {
  std::vector<Node> nodes, last;
  for (const Root& root : snapshot_.roots) {
    (is_for_finalizer(root) ? last : nodes).push_back(root.object);
    roots_.try_emplace(root.object, &root);
  }
  std::vector<Node> living = wakes_.living();
  nodes.insert(nodes.end(), living.begin(), living.end());
  nodes.insert(nodes.end(), last.begin(), last.end());
  return {wakes_.graph(), wakes_.extra(), nodes};
}

std::vector<Node> HoldingPaths::nodes_to(std::size_t goroutine) const {
  std::vector<Node> path;
  Node node = paths_.parent(wakes_.node_of(goroutine));
  if (node == graph::ShortestPaths::kNobody) return path;
  for (;;) {
    path.push_back(node);
    if (wakes_.is_goroutine(node) || paths_.parent(node) == node) break;
    node = paths_.parent(node);
  }
  std::ranges::reverse(path);
  return path;
}

HoldingPath HoldingPaths::path_to(std::size_t goroutine) const {
  HoldingPath result;
  for (const snapshot::Wait& wait : waits_of(snapshot_, snapshot_.goroutines[goroutine])) {
    if (wait.place != snapshot::Place::kImage) continue;
    Address address =
        wait.lock == snapshot::kNone ? wait.address : snapshot_.locks[wait.lock].address;
    result.root = {.kind = snapshot::RootKind::kGlobal, .source = address};
    return result;
  }
  for (Node node : nodes_to(goroutine)) {
    if (wakes_.is_goroutine(node))
      result.goid = snapshot_.goroutines[wakes_.goroutine_of(node)].goid;
    else
      result.objects.push_back(node);
  }
  const Root* root = result.objects.empty() ? nullptr : root_of(result.objects.front());
  if (result.goid == 0 && root != nullptr) result.root = *root;
  return result;
}

const Root* HoldingPaths::root_of(Node object) const {
  auto root = roots_.find(object);
  return root == roots_.end() ? nullptr : root->second;
}

}  // namespace goshawk::analyses::goroutines
