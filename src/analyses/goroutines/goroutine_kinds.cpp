// A site as of sites.h, whether its wait has a deadline or not: a server that sets one for some of
// its connections has one kind of them. Goroutines by the thousand have few different stacks, so
// the words are made once for each site.
#include "analyses/goroutines/goroutine_kinds.h"

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "analyses/goroutines/code_places.h"
#include "analyses/goroutines/sites.h"

namespace goshawk::analyses::goroutines {

using findings::Confidence;
using findings::GoroutineKind;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

using Confidences = std::unordered_map<std::uint64_t, Confidence>;  // by goroutine

Confidences confidences_of(const findings::Verdict& verdict) {
  Confidences confidences;
  for (const findings::Finding& finding : verdict.findings)
    for (std::uint64_t goid : finding.goids) confidences.emplace(goid, finding.confidence);
  return confidences;
}

void count(const Goroutine& goroutine, const Confidences& confidences,
           GoroutineKind::Count& counts) {
  ++counts.all;
  auto found = confidences.find(goroutine.goid);
  if (found == confidences.end()) return;
  if (found->second == Confidence::kProven) ++counts.proven;
  if (found->second == Confidence::kLikely) ++counts.likely;
  if (found->second == Confidence::kSuspected) ++counts.suspected;
}

struct Key {
  Site site;
  std::string state;
  auto operator<=>(const Key&) const = default;
};

Key key_of(const Snapshot& snapshot, const Goroutine& goroutine) {
  Key key{site_of(snapshot, goroutine), {}};
  key.site.will_time_out = false;
  if (!is_at_work(goroutine)) key.state = snapshot.strings[goroutine.wait_reason];
  return key;
}

// By the picture's numbers; of who is at work it counts for nothing where in its stack.
using Numbers =
    std::tuple<snapshot::StackId, snapshot::FrameId, snapshot::FrameId, snapshot::StringId>;

Numbers numbers_of(const Goroutine& goroutine) {
  if (is_at_work(goroutine))
    return {snapshot::kNone, goroutine.started_at, goroutine.created_by, snapshot::kNone};
  return {goroutine.stack, snapshot::kNone, goroutine.created_by, goroutine.wait_reason};
}

GoroutineKind kind_of(const Snapshot& snapshot, const Goroutine& goroutine, const Key& key) {
  GoroutineKind kind{.state = key.state, .at = key.site.at, .created_by = key.site.created_by};
  kind.stack = stack_of(snapshot, goroutine);
  for (findings::CodePlace& place : kind.stack) place.pc = 0;
  return kind;
}

}  // namespace

std::vector<GoroutineKind> list_goroutine_kinds(const Snapshot& snapshot,
                                                const findings::Verdict& verdict) {
  Confidences confidences = confidences_of(verdict);
  std::map<Key, GoroutineKind> by_key;
  std::map<Numbers, GoroutineKind*> known;
  for (const Goroutine& goroutine : snapshot.goroutines) {
    if (goroutine.system) continue;
    GoroutineKind*& kind = known.try_emplace(numbers_of(goroutine), nullptr).first->second;
    if (kind == nullptr) {
      auto [row, is_new] = by_key.try_emplace(key_of(snapshot, goroutine));
      if (is_new) row->second = kind_of(snapshot, goroutine, row->first);
      kind = &row->second;
    }
    count(goroutine, confidences, kind->count);
  }
  std::vector<GoroutineKind> kinds;
  for (auto& [key, kind] : by_key) kinds.push_back(std::move(kind));
  return kinds;
}

}  // namespace goshawk::analyses::goroutines
