// One goroutine runs all finalizers (runtime/mfinal.go runfinq, runFinalizers since 1.25), a few
// run cleanups (runCleanups; before 1.25 the same one). One that waits inside of a function that is
// not the runtime's is in the finalizer of somebody who blocks there: all that are due wait behind
// it.
#include "analyses/heap/finalizers.h"

#include <algorithm>
#include <array>
#include <string>

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
constexpr std::uint64_t kManyBehindOne = 100;  // or as long as this: no moment's wait
constexpr std::int64_t kLongWaitNs = 60'000'000'000;
constexpr std::uint64_t kLeastBytes = 1 << 20;
constexpr std::array<std::string_view, 3> kRunners = {"runtime.runfinq", "runtime.runFinalizers",
                                                      "runtime.runCleanups"};

std::string_view function_of(const Snapshot& snapshot, snapshot::FrameId frame) {
  return snapshot.strings[snapshot.stacks.frame(frame).function];
}

bool runs_finalizers(const Snapshot& snapshot, const Goroutine& goroutine) {
  return goroutine.started_at != snapshot::kNone &&
         std::ranges::find(kRunners, function_of(snapshot, goroutine.started_at)) != kRunners.end();
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

}  // namespace

std::optional<HeapFinding> find_finalizers(const Snapshot& snapshot) {
  std::vector<snapshot::ObjectId> due;
  for (const snapshot::Root& root : snapshot.roots)
    if (root.kind == snapshot::RootKind::kQueued) due.push_back(root.object);
  if (due.empty()) return std::nullopt;
  std::ranges::sort(due);
  due.erase(std::ranges::unique(due).begin(), due.end());
  std::string_view function;
  const Goroutine* blocked = nullptr;
  for (const Goroutine& goroutine : snapshot.goroutines) {
    if (!runs_finalizers(snapshot, goroutine) || blocked != nullptr) continue;
    function = blocked_in(snapshot, goroutine);
    if (!function.empty()) blocked = &goroutine;
  }
  graph::Reachability without = mark_live_objects(snapshot, snapshot::RootKind::kQueued);
  std::uint64_t bytes = MoreReached(snapshot, without).reach_from(due);
  if (blocked == nullptr && due.size() < kFewDue && bytes < kLeastBytes) return std::nullopt;
  HeapFinding found;
  found.finding.rule = "heap/finalizer";
  bool stuck =
      blocked != nullptr && (due.size() >= kManyBehindOne || blocked->wait_ns >= kLongWaitNs);
  found.finding.confidence = stuck ? Confidence::kLikely : Confidence::kSuspected;
  found.finding.count = due.size();
  found.finding.cost.retained_bytes = bytes;
  if (blocked != nullptr) found.finding.goids = {blocked->goid};
  found.finding.longest_wait_ns = blocked != nullptr ? blocked->wait_ns : 0;
  found.finding.fingerprint = findings::compute_holder_fingerprint(found.finding.rule, function);
  found.finding.advice =
      "a finalizer or cleanup must not wait: start a goroutine in it for what may take long, and "
      "close by hand what can be closed";
  found.place = function;
  found.total_bytes = bytes;
  return found;
}

}  // namespace goshawk::analyses::heap
