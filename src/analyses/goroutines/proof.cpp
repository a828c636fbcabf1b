// One walk in three parts, none of which visits anything twice:
//   1. without what is there for finalizers and cleanups, and up to the walls (walls.h);
//   2. then with what belongs to finalizers that may run: of objects that are reached by now (they
//      may be dropped later), or that no goroutine reaches (they are garbage already);
//   3. then with all the rest. What parts 1 and 2 did not reach is held; what nothing reached is
//      leaked.
#include "analyses/goroutines/proof.h"

#include <algorithm>
#include <optional>
#include <span>

#include "graph/reachability.h"

namespace goshawk::analyses::goroutines {

using graph::Node;
using graph::Reachability;
using snapshot::Root;
using snapshot::RootKind;
using snapshot::Snapshot;

namespace {

// What one finalizer or cleanup refers to, and whose it is.
struct Attached {
  Node root = 0;
  Node object = 0;
};

class Walk {
 public:
  Walk(const Snapshot& snapshot, const WakeGraph& wakes, IdleTimers timers)
      : snapshot_(snapshot),
        wakes_(wakes),
        timers_(timers),
        reached_(wakes.graph(), wakes.extra()) {}

  // `more`: who counts as living too.
  Proof prove(std::span<const Node> more = {}) {
    reached_.build_walls(find_walls(snapshot_, timers_));
    reached_.mark_from(wakes_.living());
    reached_.mark_from(more);
    mark_roots();
    mark_finalizers_of_reached();
    if (!attached_.empty() && is_anybody_held_back()) mark_finalizers_of_garbage();
    std::vector<bool> awake = find_reached();

    reached_.open_walls();
    std::vector<Node> rest;
    for (const Attached& one : attached_) rest.push_back(one.root);
    reached_.mark_from(rest);
    return decide(awake);
  }

 private:
  void mark_roots() {
    std::vector<Node> roots;
    roots.reserve(snapshot_.roots.size());
    for (const Root& root : snapshot_.roots) {
      std::optional<snapshot::ObjectId> owner;
      if (is_for_finalizer(root)) owner = snapshot_.objects.find(root.source);
      if (owner)
        attached_.push_back({root.object, *owner});
      else
        roots.push_back(root.object);
    }
    reached_.mark_from(roots);
  }

  void mark_finalizers_of_reached() {
    for (std::size_t before = attached_.size() + 1; before != attached_.size();) {
      before = attached_.size();
      take_out([&](const Attached& one) { return reached_.is_marked(one.object); });
    }
  }

  // The collector's own view: every goroutine's stack counts, and what another object with a
  // finalizer refers to, so that a cycle of these is never finalized.
  void mark_finalizers_of_garbage() {
    Reachability collector(wakes_.graph(), wakes_.extra());
    std::vector<Node> roots;
    for (std::size_t i = 0; i < snapshot_.goroutines.size(); ++i)
      roots.push_back(wakes_.node_of(i));
    for (const Root& root : snapshot_.roots) roots.push_back(root.object);
    collector.mark_from(roots);
    take_out([&](const Attached& one) { return !collector.is_marked(one.object); });
    mark_finalizers_of_reached();
  }

  template <typename MayRun>
  void take_out(MayRun&& may_run) {
    std::vector<Node> roots;
    std::erase_if(attached_, [&](const Attached& one) {
      if (!may_run(one)) return false;
      roots.push_back(one.root);
      return true;
    });
    reached_.mark_from(roots);
  }

  bool is_anybody_held_back() const {
    for (std::size_t i = 0; i < snapshot_.goroutines.size(); ++i)
      if (!reached_.is_marked(wakes_.node_of(i))) return true;
    return false;
  }

  std::vector<bool> find_reached() const {
    std::vector<bool> found;
    found.reserve(snapshot_.goroutines.size());
    for (std::size_t i = 0; i < snapshot_.goroutines.size(); ++i)
      found.push_back(reached_.is_marked(wakes_.node_of(i)));
    return found;
  }

  Proof decide(const std::vector<bool>& awake) const {
    Proof proof;
    for (std::size_t i = 0; i < awake.size(); ++i) {
      const StandingWithReason& standing = wakes_.standings()[i];
      bool is_unknown = standing.standing == Standing::kUnknown;
      proof.states.push_back(is_unknown                              ? State::kUnknown
                             : awake[i]                              ? State::kAlive
                             : reached_.is_marked(wakes_.node_of(i)) ? State::kHeld
                                                                     : State::kLeaked);
      proof.unknown_reasons.push_back(is_unknown ? standing.reason : std::string_view());
    }
    return proof;
  }

  const Snapshot& snapshot_;
  const WakeGraph& wakes_;
  IdleTimers timers_;
  Reachability reached_;
  std::vector<Attached> attached_;  // not marked from yet
};

}  // namespace

bool is_for_finalizer(const Root& root) {
  return root.kind == RootKind::kFinalizer || root.kind == RootKind::kCleanup;
}

std::string_view spoiled_by(const Snapshot& snapshot) {
  if (!snapshot.picture.has_references) return "the heap was not read";
  for (const snapshot::Doubt& doubt : snapshot.doubts)
    if (doubt.spoils_proof) return doubt.what;
  return {};
}

Proof prove_nothing(const std::vector<StandingWithReason>& standings, std::string_view why) {
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

// Main waits for the program's end where only a lasting context holds what it waits on: then it
// goes on, and may wake whom it can reach. Who is leaked stays so, as main was reached in the end.
Proof prove(const Snapshot& snapshot, const WakeGraph& wakes, IdleTimers timers) {
  Proof proof = Walk(snapshot, wakes, timers).prove();
  auto main = std::ranges::find(snapshot.goroutines, kMainGoroutine, &snapshot::Goroutine::goid);
  auto index = static_cast<std::size_t>(main - snapshot.goroutines.begin());
  if (main == snapshot.goroutines.end() || proof.states[index] != State::kHeld) return proof;
  Node node = wakes.node_of(index);
  return Walk(snapshot, wakes, timers).prove({&node, 1});
}

}  // namespace goshawk::analyses::goroutines
