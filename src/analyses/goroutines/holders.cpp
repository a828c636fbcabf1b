// The path is the shortest from all that is a root for the collector, other goroutines' stacks
// included where they live. Every path to a held goroutine leads through one of the holders at
// which the proof stopped, so this one does; what stands behind the holder on it tells the rule.
#include "analyses/goroutines/holders.h"

#include <algorithm>

#include "analyses/goroutines/lasting_contexts.h"

namespace goshawk::analyses::goroutines {

using graph::Node;
using snapshot::Context;
using snapshot::HoldingPath;
using snapshot::Root;
using snapshot::Snapshot;

Holders::Holders(const Snapshot& snapshot, const WakeGraph& wakes, const Proof& proof)
    : snapshot_(snapshot), wakes_(wakes), proof_(proof) {
  if (std::ranges::find(proof.states, State::kHeld) == proof.states.end()) return;
  std::vector<Node> nodes, last;
  for (const Root& root : snapshot.roots) {
    (is_for_finalizer(root) ? last : nodes).push_back(root.object);
    roots_.try_emplace(root.object, &root);
  }
  std::vector<Node> living = wakes.living();
  nodes.insert(nodes.end(), living.begin(), living.end());
  nodes.insert(nodes.end(), last.begin(), last.end());
  paths_ = std::make_unique<graph::ShortestPaths>(wakes.graph(), wakes.extra(), nodes);
  for (const Context& context : snapshot.contexts) {
    by_object_[context.object] = &context;
    if (context.done != snapshot::kNone) by_done_[context.done] = &context;
  }
  walls_ = find_lasting_children_maps(snapshot);
  std::ranges::sort(walls_);
  holders_.resize(proof.states.size());
  decided_.resize(proof.states.size());
  for (std::size_t i = 0; i < holders_.size(); ++i)
    if (proof.states[i] == State::kHeld) find(i);
}

// To that of the things it waits on by which it is reached first (others may be reached over the
// goroutine itself), from the last goroutine on the way, or from the root.
std::vector<Node> Holders::nodes_to(std::size_t goroutine) const {
  std::vector<Node> path;
  Node node = paths_->parent(wakes_.node_of(goroutine));
  if (node == graph::ShortestPaths::kNobody) return path;
  for (;;) {
    path.push_back(node);
    if (wakes_.is_goroutine(node) || paths_->parent(node) == node) break;
    node = paths_->parent(node);
  }
  std::ranges::reverse(path);
  return path;
}

// An owner is asked before those that it holds. It is nearer to a root than they are: this ends.
Holder Holders::find(std::size_t goroutine) {
  std::vector<std::size_t> chain{goroutine};
  while (true) {
    std::vector<Node> path = nodes_to(chain.back());
    if (path.empty() || !wakes_.is_goroutine(path.front())) break;
    std::size_t owner = wakes_.goroutine_of(path.front());
    if (decided_[owner] || proof_.states[owner] != State::kHeld) break;
    chain.push_back(owner);
  }
  for (; !chain.empty(); chain.pop_back()) {
    if (decided_[chain.back()]) continue;
    decided_[chain.back()] = true;
    holders_[chain.back()] = find_on(nodes_to(chain.back()));
  }
  return holders_[goroutine];
}

Holder Holders::find_on(const std::vector<Node>& path) const {
  if (path.empty()) return Holder::kNone;
  if (wakes_.is_goroutine(path.front())) {
    std::size_t owner = wakes_.goroutine_of(path.front());
    if (proof_.states[owner] == State::kHeld && holders_[owner] != Holder::kNone)
      return Holder::kOwner;
  }
  auto context = by_done_.find(path.back());
  for (Node node : path)
    if (context != by_done_.end() && std::ranges::binary_search(walls_, node))
      return is_lost_cancel(node, *context->second) ? Holder::kContextChildren : Holder::kNone;
  auto root = roots_.find(path.front());
  return root != roots_.end() && is_for_finalizer(*root->second) ? Holder::kFinalizer
                                                                 : Holder::kNone;
}

const Context* Holders::parent_of(const Context& context) const {
  auto parent = by_object_.find(context.parent);
  return parent == by_object_.end() ? nullptr : parent->second;
}

// The map belongs to one of the context's ancestors, and none of these ends by a timer.
bool Holders::is_lost_cancel(Node wall, const Context& context) const {
  const Context* owner = nullptr;
  std::size_t steps = 0;
  for (const Context* one = parent_of(context); one != nullptr; one = parent_of(*one)) {
    if (++steps > snapshot_.contexts.size()) return false;
    if (snapshot_.strings[one->type] == kTimerContext) return false;
    if (owner == nullptr && one->children == wall) owner = one;
  }
  return owner != nullptr;
}

HoldingPath Holders::path_to(std::size_t goroutine) const {
  HoldingPath result;
  for (Node node : nodes_to(goroutine)) {
    if (wakes_.is_goroutine(node))
      result.goid = snapshot_.goroutines[wakes_.goroutine_of(node)].goid;
    else
      result.objects.push_back(node);
  }
  if (auto root = result.objects.empty() ? roots_.end() : roots_.find(result.objects.front());
      result.goid == 0 && root != roots_.end())
    result.root = *root->second;
  return result;
}

}  // namespace goshawk::analyses::goroutines
