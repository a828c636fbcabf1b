// Package testing runs examples on the main goroutine, one after the other; all others on one of
// their own, which has ended when the test has.
//
// Of a sync.Once the stacks of the creators tell (GODEBUG=tracebackancestors), from the go
// statement out to the test.
#include "analyses/goroutines/left_behind.h"

#include <algorithm>
#include <span>
#include <string>

#include "analyses/goroutines/proof.h"
#include "analyses/goroutines/rules.h"
#include "analyses/goroutines/tests.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

const Goroutine* find_goroutine(const Snapshot& snapshot, std::uint64_t goid) {
  auto found = std::ranges::lower_bound(snapshot.goroutines, goid, {}, &Goroutine::goid);
  return found != snapshot.goroutines.end() && found->goid == goid ? &*found : nullptr;
}

bool runs_example(const Snapshot& snapshot, const Goroutine& main) {
  if (main.stack == snapshot::kNone) return true;
  return std::ranges::any_of(snapshot.stacks[main.stack], [&](snapshot::FrameId frame) {
    return function_of(snapshot, frame) == "testing.runExample";
  });
}

}  // namespace

bool has_lost_its_starter(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (goroutine.creator_goid == 0) return false;
  const Goroutine* starter = find_goroutine(snapshot, goroutine.creator_goid);
  if (starter == nullptr) return true;
  return starter->goid == kMainGoroutine &&
         find_test_origin(snapshot, goroutine).test.starts_with("Example") &&
         !runs_example(snapshot, *starter);
}

bool is_of_test(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::string test = find_test_origin(snapshot, goroutine).test;
  return !test.empty() && test != "TestMain" && test != "init";
}

bool was_started_once(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::span<const snapshot::Ancestor> ancestors =
      std::span(snapshot.ancestors).subspan(goroutine.first_ancestor, goroutine.ancestor_count);
  return std::ranges::any_of(ancestors, [&](const snapshot::Ancestor& ancestor) {
    return ancestor.stack != snapshot::kNone &&
           std::ranges::any_of(snapshot.stacks[ancestor.stack], [&](snapshot::FrameId frame) {
             return function_of(snapshot, frame).starts_with("sync.(*Once).");
           });
  });
}

}  // namespace goshawk::analyses::goroutines
