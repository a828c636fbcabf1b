// Who holds what a goroutine waits on, when nothing that could wake it does (State::kHeld): which
// holder that is, by a short path from a root. Few rules, each with a name:
//   - context's children: the channel is the Done channel of a context that only an ancestor's map
//     of children still refers to: its own cancel function is lost. The ancestor is one that
//     lasts (lasting_contexts.h), not a request's. And none of its ancestors ends by a timer. Who
//     has the cancel function itself (`defer cancel()`) waits for the ancestor, and counts as
//     alive.
//   - HTTP client's table of requests: only the table in which an http.Transport keeps how to
//   cancel
//     each of its requests leads to it: nobody has the response any more, so that its body will not
//     be closed.
//   - finalizer not run: only a finalizer or cleanup refers to it, and its object is kept by the
//   goroutines
//     that wait: it never runs.
//   - timer never set again: the channel is that of a time.Timer or time.Ticker, which was stopped
//     or has fired, and no code of the program could set it again.
//   - owner is held: only another goroutine that is held itself refers to it.
// Held by anything else (a function that a context calls when it is cancelled) counts as alive.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "analyses/goroutines/holding_paths.h"
#include "analyses/goroutines/proof.h"
#include "snapshot/holding_path.h"

namespace goshawk::analyses::goroutines {

enum class Holder : std::uint8_t {
  kNone,
  kContextChildren,
  kFinalizer,
  kOwner,
  kIdleTimer,
  kLock,
  kHttpRequests,
  kTicker,  // unstoppable_loops.h
  kTickingOwner,
  kListener,
  kKeptSession,
  kEndless,  // endless_loops.h
};

class Holders {
 public:
  // Costs a breadth-first walk of the heap if anybody is held, nothing otherwise. All three must
  // outlive it.
  Holders(const snapshot::Snapshot& snapshot, const WakeGraph& wakes, const Proof& proof);

  // Of a goroutine that is kHeld; kNone: it counts as alive.
  Holder of(std::size_t goroutine) const { return holders_[goroutine]; }
  const HoldingPaths* paths() const { return paths_.get(); }  // null: nobody is held
  // To what such a goroutine waits on; it begins at the last goroutine on the way, if there is one.
  snapshot::HoldingPath path_to(std::size_t goroutine) const { return paths_->path_to(goroutine); }

 private:
  Holder find(std::size_t goroutine);
  Holder find_on(std::size_t goroutine, const std::vector<graph::Node>& path) const;
  bool leads_through_idle_timer(const std::vector<graph::Node>& path) const;
  bool is_lost_cancel(graph::Node wall, const snapshot::Context& context) const;
  bool cancels_itself(std::size_t goroutine, const snapshot::Context& context) const;
  const snapshot::Context* parent_of(const snapshot::Context& context) const;

  const snapshot::Snapshot& snapshot_;
  const WakeGraph& wakes_;
  const Proof& proof_;
  std::unique_ptr<HoldingPaths> paths_;  // null: nobody is held
  std::unordered_map<graph::Node, const snapshot::Context*> by_done_, by_object_;
  std::vector<graph::Node> children_maps_;  // of lasting contexts, sorted
  std::vector<graph::Node> request_tables_;
  std::vector<Holder> holders_;
  std::vector<bool> decided_;
};

}  // namespace goshawk::analyses::goroutines
