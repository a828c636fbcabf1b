// One goroutine runs all finalizers (runtime/mfinal.go runfinq, runFinalizers since 1.25). Cleanups
// it runs as well up to 1.24; since then they have a queue and a few goroutines of their own
// (runtime/mcleanup.go runCleanups). One that waits inside of a function that is not the runtime's
// is in the finalizer of somebody who blocks there: what is due in its queue waits behind it, and
// nothing else does. Of cleanups each of the goroutines has to wait, and even then the runtime may
// start one more, up to a quarter of GOMAXPROCS: they are never more than suspected.
#include "analyses/heap/finalizers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "analyses/heap/live_objects.h"
#include "findings/heap_holders.h"

namespace goshawk::analyses::heap {

using findings::Confidence;
using findings::HeapFinding;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

// Of objects that the queue refers to, which are those with finalizers and the functions' closures.
constexpr std::uint64_t kFewDue = 1000;
constexpr std::int64_t kLongWaitNs = 60'000'000'000;  // slow ones wait too, one after the other
constexpr std::uint64_t kLeastBytes = 1 << 20;

std::string_view function_of(const Snapshot& snapshot, snapshot::FrameId frame) {
  return snapshot.strings[snapshot.stacks.frame(frame).function];
}

bool is_started_at(const Snapshot& snapshot, const Goroutine& goroutine,
                   std::string_view function) {
  return goroutine.started_at != snapshot::kNone &&
         function_of(snapshot, goroutine.started_at) == function;
}

// The function that the runtime called, if it waits below that: the outermost one that is not the
// runtime's or reflection's.
std::string_view blocked_in(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (goroutine.status != snapshot::Status::kWaiting || goroutine.stack == snapshot::kNone)
    return "";
  std::string_view outermost;
  for (snapshot::FrameId frame : snapshot.stacks[goroutine.stack]) {
    std::string_view name = function_of(snapshot, frame);
    if (!name.starts_with("runtime.") && !name.starts_with("internal/") && !name.empty())
      outermost = name;
  }
  return outermost;
}

using Objects = std::vector<snapshot::ObjectId>;

void sort_and_unite(Objects& objects) {
  std::ranges::sort(objects);
  objects.erase(std::ranges::unique(objects).begin(), objects.end());
}

// What is due, by queue. A finalizer's source is a word of the queue, which lies outside of the
// heap, a cleanup's is null; older pictures have the object itself, of either.
struct Due {
  Objects all, finalizers, cleanups, of_either;

  explicit Due(const Snapshot& snapshot) {
    for (const snapshot::Root& root : snapshot.roots) {
      if (root.kind != snapshot::RootKind::kQueued) continue;
      all.push_back(root.object);
      Objects& queue = root.source.is_null()                ? cleanups
                       : snapshot.objects.find(root.source) ? of_either
                                                            : finalizers;
      queue.push_back(root.object);
    }
    for (Objects* objects : {&all, &finalizers, &cleanups, &of_either}) sort_and_unite(*objects);
  }
};

struct Blocked {
  const Goroutine* goroutine = nullptr;
  std::string_view function;
  Objects behind;
  bool surely = false;
};

// Those who run what is due; nothing else is in their queues than what they run.
class Runners {
 public:
  Runners(const Snapshot& snapshot, const Due& due) : snapshot_(snapshot), due_(due) {
    for (const Goroutine& goroutine : snapshot.goroutines) {
      if (is_started_at(snapshot, goroutine, "runtime.runfinq")) both_.push_back(&goroutine);
      if (is_started_at(snapshot, goroutine, "runtime.runFinalizers"))
        finalizers_.push_back(&goroutine);
      if (is_started_at(snapshot, goroutine, "runtime.runCleanups"))
        cleanups_.push_back(&goroutine);
    }
  }

  // Nobody, if nothing waits behind them.
  Blocked find_blocked() const {
    Blocked found = blocked_of(both_, due_.all, true);
    if (found.goroutine == nullptr)
      found = blocked_of(finalizers_, queue_of(due_.finalizers, cleanups_), true);
    if (found.goroutine == nullptr)
      found = blocked_of(cleanups_, queue_of(due_.cleanups, finalizers_), false);
    return found;
  }

 private:
  using Goroutines = std::vector<const Goroutine*>;

  // What is of either queue belongs to whoever is the only one.
  Objects queue_of(const Objects& own, const Goroutines& others) const {
    Objects queue = own;
    if (others.empty()) queue.insert(queue.end(), due_.of_either.begin(), due_.of_either.end());
    sort_and_unite(queue);
    return queue;
  }

  // The one of them that waits for the shortest time, if all of them do.
  Blocked blocked_of(const Goroutines& runners, Objects queue, bool surely) const {
    Blocked found;
    if (queue.empty()) return found;
    for (const Goroutine* runner : runners) {
      std::string_view function = blocked_in(snapshot_, *runner);
      if (function.empty()) return {};
      if (found.goroutine != nullptr && found.goroutine->wait_ns <= runner->wait_ns) continue;
      found.goroutine = runner;
      found.function = function;
    }
    found.behind = std::move(queue);
    found.surely = surely;
    return found;
  }

  const Snapshot& snapshot_;
  const Due& due_;
  Goroutines both_, finalizers_, cleanups_;
};

}  // namespace

std::optional<HeapFinding> find_finalizers(const Snapshot& snapshot) {
  Due due(snapshot);
  if (due.all.empty()) return std::nullopt;
  Blocked blocked = Runners(snapshot, due).find_blocked();
  bool is_blocked = blocked.goroutine != nullptr;
  const Objects& held = is_blocked ? blocked.behind : due.all;
  graph::Reachability without = mark_live_objects(snapshot, snapshot::RootKind::kQueued);
  std::uint64_t bytes = MoreReached(snapshot, without).reach_from(held);
  if (!is_blocked && held.size() < kFewDue && bytes < kLeastBytes) return std::nullopt;
  HeapFinding found;
  found.finding.rule = "heap/finalizer";
  bool stuck = is_blocked && blocked.surely && blocked.goroutine->wait_ns >= kLongWaitNs;
  found.finding.confidence = stuck ? Confidence::kLikely : Confidence::kSuspected;
  found.finding.count = held.size();
  found.finding.cost.retained_bytes = bytes;
  if (is_blocked) found.finding.goids = {blocked.goroutine->goid};
  found.finding.longest_wait_ns = is_blocked ? blocked.goroutine->wait_ns : 0;
  found.finding.fingerprint =
      findings::compute_holder_fingerprint(found.finding.rule, blocked.function);
  found.finding.advice =
      "a finalizer or cleanup must not wait: start a goroutine in it for what may take long, and "
      "close by hand what can be closed";
  found.place = blocked.function;
  found.total_bytes = bytes;
  return found;
}

}  // namespace goshawk::analyses::heap
