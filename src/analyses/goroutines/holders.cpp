// Every path to a held goroutine leads through one of the holders at
// which the proof stopped, so this one does; what stands behind the holder on it tells the rule.
#include "analyses/goroutines/holders.h"

#include <algorithm>

#include "analyses/goroutines/lasting_contexts.h"

namespace goshawk::analyses::goroutines {

using graph::Node;
using snapshot::Context;
using snapshot::Snapshot;

Holders::Holders(const Snapshot& snapshot, const WakeGraph& wakes, const Proof& proof)
    : snapshot_(snapshot), wakes_(wakes), proof_(proof) {
  if (std::ranges::find(proof.states, State::kHeld) == proof.states.end()) return;
  paths_ = std::make_unique<HoldingPaths>(snapshot, wakes);
  for (const Context& context : snapshot.contexts) {
    by_object_[context.object] = &context;
    if (context.done != snapshot::kNone) by_done_[context.done] = &context;
  }
  children_maps_ = find_lasting_children_maps(snapshot);
  std::ranges::sort(children_maps_);
  request_tables_ = find_request_tables(snapshot);
  holders_.resize(proof.states.size());
  decided_.resize(proof.states.size());
  for (std::size_t i = 0; i < holders_.size(); ++i)
    if (proof.states[i] == State::kHeld) find(i);
}

// An owner is asked before those that it holds. It is nearer to a root than they are: this ends.
Holder Holders::find(std::size_t goroutine) {
  std::vector<std::size_t> chain{goroutine};
  while (true) {
    std::vector<Node> path = paths_->nodes_to(chain.back());
    if (path.empty() || !wakes_.is_goroutine(path.front())) break;
    std::size_t owner = wakes_.goroutine_of(path.front());
    if (decided_[owner] || proof_.states[owner] != State::kHeld) break;
    chain.push_back(owner);
  }
  for (; !chain.empty(); chain.pop_back()) {
    if (decided_[chain.back()]) continue;
    decided_[chain.back()] = true;
    holders_[chain.back()] = find_on(chain.back(), paths_->nodes_to(chain.back()));
  }
  return holders_[goroutine];
}

Holder Holders::find_on(std::size_t goroutine, const std::vector<Node>& path) const {
  if (path.empty()) return Holder::kNone;
  if (wakes_.is_goroutine(path.front())) {
    std::size_t owner = wakes_.goroutine_of(path.front());
    if (proof_.states[owner] == State::kHeld && holders_[owner] != Holder::kNone)
      return Holder::kOwner;
  }
  if (leads_through_idle_timer(path)) return Holder::kIdleTimer;
  for (Node node : path)
    if (std::ranges::binary_search(request_tables_, node)) return Holder::kHttpRequests;
  auto context = by_done_.find(path.back());
  for (Node node : path)
    if (context != by_done_.end() && std::ranges::binary_search(children_maps_, node))
      return is_lost_cancel(node, *context->second) && !cancels_itself(goroutine, *context->second)
                 ? Holder::kContextChildren
                 : Holder::kNone;
  const snapshot::Root* root = paths_->root_of(path.front());
  return root != nullptr && is_for_finalizer(*root) ? Holder::kFinalizer : Holder::kNone;
}

// From the timer to its own channel, which is waited on.
bool Holders::leads_through_idle_timer(const std::vector<Node>& path) const {
  if (path.size() < 2) return false;
  auto timer = std::ranges::lower_bound(snapshot_.idle_timers, path[path.size() - 2], {},
                                        &snapshot::IdleTimer::object);
  return timer != snapshot_.idle_timers.end() && timer->object == path[path.size() - 2] &&
         timer->channel == path.back() && !timer->may_be_set_again;
}

const Context* Holders::parent_of(const Context& context) const {
  auto parent = by_object_.find(context.parent);
  return parent == by_object_.end() ? nullptr : parent->second;
}

// A child that it made for itself, or was given for good: when it returns it cancels that, and it
// was never meant to be told so by anybody else.
bool Holders::cancels_itself(std::size_t goroutine, const Context& context) const {
  const std::vector<std::uint32_t>& rows = snapshot_.goroutine_root_rows;
  auto own = std::span(snapshot_.goroutine_roots)
                 .subspan(rows[goroutine], rows[goroutine + 1] - rows[goroutine]);
  return std::ranges::any_of(own, [&](snapshot::ObjectId object) {
    return is_cancel_function(snapshot_, object, context.object);
  });
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

}  // namespace goshawk::analyses::goroutines
