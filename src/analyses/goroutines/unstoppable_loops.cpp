// Such a loop runs again, so nothing of it is proven; it may end itself, when a tick finds that its
// work is done: a service polls so, for a while, whom nobody has to stop. So it is likely leaked
// only in a test binary, whose tests should have ended what they began, and there only where
//   - who started it has ended: nobody waits for its work;
//   - it belongs to a test, or is not the only one of its place: what an init function or TestMain
//     has begun may be meant for all tests;
//   - nobody else depends on it but who has been left behind as it was: a goroutine that waits for
//     what the loop alone can do, and whose starter lives, may be about to get its result.
//
// A server that waits for connections is one only where it belongs to a test, not below a
// sync.Once, and has no deadline: to close a listener, one must reach it. A connection would wake
// it, but who should come, once the tests are over?
//
// The walk is the proof's, with all roots and goroutines but these: at the channel of a ticker it
// stops, and who waits for connections is reached by what could close the listener. Who is not
// reached can be stopped or woken by these only.
//
// Of a session the walk is made again, in which the timers of known_timers.h lead only to what they
// are known to do. Who is reached no more by that is told only if all of it is at rest, and each
// reader has its other end there.
#include "analyses/goroutines/unstoppable_loops.h"

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <utility>

#include "analyses/goroutines/known_timers.h"
#include "analyses/goroutines/left_behind.h"
#include "analyses/goroutines/rules.h"
#include "analyses/goroutines/tests.h"
#include "graph/reachability.h"
#include "snapshot/io_waits.h"

namespace goshawk::analyses::goroutines {

using graph::Node;
using snapshot::Goroutine;
using snapshot::ObjectId;
using snapshot::Snapshot;
using snapshot::Wait;

namespace {

// Sorted.
std::vector<ObjectId> find_ticking_channels(const Snapshot& snapshot) {
  std::vector<ObjectId> channels;
  for (const snapshot::PendingTimer& timer : snapshot.pending_timers)
    if (timer.sends_time && timer.period_ns > 0 && timer.argument != snapshot::kNone)
      channels.push_back(timer.argument);
  std::ranges::sort(channels);
  return channels;
}

class LoopFinder {
 public:
  LoopFinder(const Snapshot& snapshot, const WakeGraph& wakes, const Proof& proof)
      : snapshot_(snapshot),
        wakes_(wakes),
        proof_(proof),
        ticking_(find_ticking_channels(snapshot)) {}

  std::vector<Holder> find() {
    if (!is_test_binary(snapshot_)) return {};
    for (std::size_t i = 0; i < proof_.states.size(); ++i) {
      if (may_be_loop(i)) loops_.push_back(i);
      if (may_be_listener(i)) listeners_.push_back(i);
    }
    if (loops_.empty() && listeners_.empty()) return {};
    std::vector<Holder> told = walk({});
    KnownTimers timers = find_known_timers(snapshot_);
    if (timers.objects.empty()) return told;
    for (std::size_t i = 0; i < proof_.states.size(); ++i) by_timers_.push_back(!is_unreached(i));
    std::vector<Holder> with_sessions = walk(timers);
    return with_sessions.empty() ? told : with_sessions;
  }

 private:
  bool is_ticking(const Wait& wait) const {
    return std::ranges::binary_search(ticking_, wait.object);
  }

  bool may_be_loop(std::size_t index) const {
    const Goroutine& goroutine = snapshot_.goroutines[index];
    if (proof_.states[index] != State::kAlive ||
        wakes_.standings()[index].standing != Standing::kCandidate ||
        goroutine.wait_kind != snapshot::WaitKind::kSelect)
      return false;
    std::span<const Wait> waits = waits_of(snapshot_, goroutine);
    auto ticks = std::ranges::count_if(waits, [&](const Wait& wait) { return is_ticking(wait); });
    return ticks > 0 && std::cmp_less(ticks, waits.size()) &&
           has_lost_its_starter(snapshot_, goroutine);
  }

  bool may_be_listener(std::size_t index) const {
    const Goroutine& goroutine = snapshot_.goroutines[index];
    if (goroutine.wait_kind != snapshot::WaitKind::kIo || goroutine.system ||
        !goroutine.stack_complete || goroutine.in_cgo_callback)
      return false;
    const snapshot::IoWait* wait = snapshot::find_io_wait(snapshot_, goroutine.goid);
    return wait != nullptr && wait->listens && wait->owner != snapshot::kNone &&
           wait->deadline == snapshot::Deadline::kUnset &&
           has_lost_its_starter(snapshot_, goroutine) && is_of_test(snapshot_, goroutine) &&
           !was_started_once(snapshot_, goroutine);
  }

  std::vector<Holder> walk(const KnownTimers& timers) {
    reached_.emplace(wakes_.graph(), wakes_.extra());
    build_walls();
    mark_all_but(timers);
    while (let_live(find_who_is_alone()) || let_live(find_who_may_be_closed()) ||
           let_live(find_who_is_at_work())) {
    }
    return tell();
  }

  void build_walls() {
    std::vector<Node> walls;
    for (std::size_t i : loops_)
      for (const Wait& wait : waits_of(snapshot_, snapshot_.goroutines[i]))
        if (is_ticking(wait)) walls.push_back(wait.object);
    std::ranges::sort(walls);
    walls.erase(std::ranges::unique(walls).begin(), walls.end());
    reached_->build_walls(walls);
  }

  void mark_all_but(const KnownTimers& timers) {
    std::vector<Node> roots = wakes_.living();
    std::erase_if(roots, [&](Node node) {
      return std::ranges::binary_search(listeners_, wakes_.goroutine_of(node));
    });
    for (const snapshot::Root& root : snapshot_.roots)
      if (root.kind != snapshot::RootKind::kTimer ||
          !std::ranges::binary_search(timers.objects, root.object))
        roots.push_back(root.object);
    roots.insert(roots.end(), timers.closed.begin(), timers.closed.end());
    reached_->mark_from(roots);
  }

  bool is_unreached(std::size_t index) const { return !reached_->is_marked(wakes_.node_of(index)); }
  bool is_undecided(std::size_t index) const {
    return is_unreached(index) && proof_.states[index] != State::kLeaked;
  }

  bool let_live(const std::vector<Node>& goroutines) {
    reached_->mark_from(goroutines);
    return !goroutines.empty();
  }

  std::vector<Node> find_who_is_alone() const {
    std::map<std::pair<snapshot::FrameId, snapshot::FrameId>, std::vector<std::size_t>> sites;
    for (std::size_t i : loops_) {
      const Goroutine& loop = snapshot_.goroutines[i];
      if (is_unreached(i))
        sites[{loop.created_by, find_blocking_frame(snapshot_, loop)}].push_back(i);
    }
    std::vector<Node> alone;
    for (const std::vector<std::size_t>& members : sites | std::views::values)
      if (members.size() == 1 && !is_of_test(snapshot_, snapshot_.goroutines[members.front()]))
        alone.push_back(wakes_.node_of(members.front()));
    return alone;
  }

  std::vector<Node> find_who_may_be_closed() const {
    std::vector<Node> found;
    for (std::size_t i : listeners_)
      if (is_unreached(i) && reached_->is_marked(owner_of(i))) found.push_back(wakes_.node_of(i));
    return found;
  }

  ObjectId owner_of(std::size_t listener) const {
    return snapshot::find_io_wait(snapshot_, snapshot_.goroutines[listener].goid)->owner;
  }

  // In the walk for sessions: whoever is there by it, and is not of one that is at rest.
  std::vector<Node> find_who_is_at_work() const {
    std::vector<Node> found;
    for (std::size_t i = 0; i < by_timers_.size(); ++i)
      if (by_timers_[i] && is_undecided(i) && !is_of_resting_session(i))
        found.push_back(wakes_.node_of(i));
    return found;
  }

  bool is_of_resting_session(std::size_t index) const {
    const Goroutine& goroutine = snapshot_.goroutines[index];
    if (!is_idle_in_session(snapshot_, goroutine)) return false;
    if (!reads_session(snapshot_, goroutine)) return true;
    for (std::size_t i = 0; i < by_timers_.size(); ++i)
      if (is_undecided(i) && reads_session(snapshot_, snapshot_.goroutines[i]) &&
          read_each_other(snapshot_, goroutine, snapshot_.goroutines[i]))
        return true;
    return false;
  }

  std::vector<Holder> tell() const {
    std::vector<Holder> told(proof_.states.size(), Holder::kNone);
    for (std::size_t i = 0; i < told.size(); ++i) {
      if (!is_undecided(i)) continue;
      told[i] = holder_of(i);
      if (told[i] != Holder::kTicker && told[i] != Holder::kListener &&
          !has_lost_its_starter(snapshot_, snapshot_.goroutines[i]))
        return {};
    }
    return told;
  }

  Holder holder_of(std::size_t index) const {
    if (!by_timers_.empty() && by_timers_[index]) return Holder::kKeptSession;
    if (std::ranges::binary_search(listeners_, index)) return Holder::kListener;
    bool is_loop = std::ranges::binary_search(loops_, index);
    return is_loop ? Holder::kTicker : Holder::kTickingOwner;
  }

  const Snapshot& snapshot_;
  const WakeGraph& wakes_;
  const Proof& proof_;
  std::vector<ObjectId> ticking_;
  std::vector<std::size_t> loops_, listeners_;  // that may be such; sorted
  std::vector<bool> by_timers_;                 // reached before; empty: in the first walk
  std::optional<graph::Reachability> reached_;
};

}  // namespace

std::vector<Holder> find_unstoppable_loops(const Snapshot& snapshot, const WakeGraph& wakes,
                                           const Proof& proof) {
  return LoopFinder(snapshot, wakes, proof).find();
}

}  // namespace goshawk::analyses::goroutines
