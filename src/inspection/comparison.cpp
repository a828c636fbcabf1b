// Whether two pictures are of one process is told by build id and process id; that an id was given
// to another process meanwhile (in a container it always is) shows in what was allocated since the
// start (findings/difference.cpp).
#include "inspection/comparison.h"

#include <optional>
#include <utility>

#include "analyses/goroutines/goroutine_kinds.h"
#include "analyses/heap/allocated_kinds.h"
#include "analyses/heap/balance.h"
#include "analyses/heap/holder_inventory.h"
#include "analyses/heap/live_objects.h"
#include "analyses/heap/types.h"
#include "base/in_parallel.h"
#include "base/low_priority.h"
#include "graph/reachability.h"
#include "inspection/judge.h"
#include "inspection/taken.h"

namespace goshawk::inspection {
namespace {

using analyses::heap::HolderChoice;
using analyses::heap::HolderTree;
using findings::Inventory;
using findings::Relation;

// Side by side, as for `goshawk heap`.
void survey_heap(Taken& taken, Inventory& inventory) {
  const snapshot::Snapshot& picture = taken.picture;
  bool has_types = picture.picture.has_all_types;
  std::optional<graph::Reachability> live;
  std::optional<HolderTree> globals;
  in_parallel(3, [&](std::size_t piece) {
    if (piece == 0) taken.conclude_types();
    if (piece == 1 && has_types) globals.emplace(picture, HolderChoice::kGlobals);
    if (piece == 2) live.emplace(analyses::heap::mark_live_objects(picture));
  });
  inventory.live = analyses::heap::add_up_live_objects(picture, *live);
  if (picture.memory.known) inventory.balance = analyses::heap::draw_up_balance(picture, *live);
  if (!has_types) {
    inventory.no_types = "saved without them; `goshawk snapshot --with-heap` keeps them";
    return;
  }
  inventory.types = analyses::heap::add_up_types(picture, *live);
  live.reset();
  auto describer = taken.describer();
  inventory.holders =
      analyses::heap::list_held_kinds(picture, *std::move(globals), describer.get());
}

void survey_goroutines(const snapshot::Snapshot& picture, Inventory& inventory) {
  findings::Verdict verdict =
      judge(analyses::goroutines::Judgement(picture), nullptr, Accepted{}, nullptr, nullptr);
  inventory.kinds_of_goroutines = analyses::goroutines::list_goroutine_kinds(picture, verdict);
  for (const findings::GoroutineKind& kind : inventory.kinds_of_goroutines)
    inventory.goroutines += kind.count.all;
}

void survey_allocations(const snapshot::Snapshot& picture, Inventory& inventory) {
  const snapshot::Allocations& allocations = picture.allocations;
  if (allocations.known)
    inventory.allocated = analyses::heap::list_allocated_kinds(picture);
  else if (allocations.why_unknown.empty())
    inventory.no_allocations = "it was saved without allocation records";
  else
    inventory.no_allocations = describe(Missing{allocations.why_unknown, allocations.remedy});
}

Relation relate(const snapshot::TargetFacts& before, const snapshot::TargetFacts& after) {
  if (before.build_id.empty() || after.build_id.empty()) return Relation::kUnknown;
  if (before.build_id != after.build_id) return Relation::kOtherBuild;
  return before.pid == after.pid ? Relation::kSameProcess : Relation::kSameBuild;
}

}  // namespace

Surveyed survey_taken(Taken& taken, const Source& source) {
  Surveyed surveyed;
  Inventory& inventory = surveyed.inventory;
  inventory.name = source.name;
  inventory.taken_unix_ns = taken.picture.picture.taken_unix_ns;
  begin_stage(source.stages, "types, dominators, live objects");
  if (taken.picture.picture.has_references)
    survey_heap(taken, inventory);
  else
    inventory.no_types = "saved without the heap; `goshawk snapshot --with-heap` keeps it";
  begin_stage(source.stages, "prove");
  survey_goroutines(taken.picture, inventory);
  survey_allocations(taken.picture, inventory);
  surveyed.facts = only_facts(std::move(taken.picture));
  return surveyed;
}

Result<Surveyed> survey(const Source& source) {
  Taken taken = TRY(take(source, {.memory = true, .types = true, .allocations = true}));
  return at_low_priority([&] { return survey_taken(taken, source); });
}

Comparison compare(Surveyed before, Surveyed after) {
  Relation relation = relate(before.facts.target, after.facts.target);
  Comparison comparison;
  comparison.difference = findings::compare(before.inventory, after.inventory, relation);
  comparison.before = std::move(before.facts);
  comparison.after = std::move(after.facts);
  return comparison;
}

}  // namespace goshawk::inspection
