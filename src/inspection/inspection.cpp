// Each question is asked of a picture once it is taken (taken.h): what it needs of it, and which
// analyses answer.
#include "inspection/inspection.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "analyses/goroutines/leaks.h"
#include "analyses/goroutines/story.h"
#include "analyses/heap/holder_inventory.h"
#include "analyses/heap/holders.h"
#include "analyses/heap/retention.h"
#include "analyses/heap/unneeded.h"
#include "base/in_parallel.h"
#include "base/low_priority.h"
#include "base/nearest_word.h"
#include "inspection/groundwork.h"
#include "inspection/judge.h"
#include "inspection/taken.h"
#include "snapshot/told_paths.h"

namespace goshawk::inspection {

Error explain_no_goroutine(const snapshot::Snapshot& picture, std::uint64_t goid) {
  return Missing{fmt::format("there is no goroutine {} among the {} of {}", goid,
                             picture.goroutines.size(), picture.target.name),
                 fmt::format("it may have ended; the others: goshawk goroutines {} --all",
                             picture.target.name)};
}

namespace {

Error explain_nothing_asked(const snapshot::Snapshot& picture, const findings::Asked& asked,
                            const std::string& text) {
  if (const auto* goroutine = std::get_if<findings::OfGoroutine>(&asked))
    return explain_no_goroutine(picture, goroutine->goid);
  if (std::holds_alternative<Address>(asked))
    return Missing{"no object of Go's heap is at " + text,
                   "a variable, a stack, C's memory, or free memory lies there, or nothing"};
  std::vector<std::string> known = analyses::heap::find_similar_types(picture, text);
  std::vector<std::string_view> names(known.begin(), known.end());
  return Missing{
      fmt::format("no object in the heap is known to be a {}", text),
      known.empty()
          ? fmt::format("the types in it: goshawk heap {} --types --all", picture.target.name)
          : fmt::format("did you mean {}? goshawk heap {} --types --all lists them",
                        list_with_or(names), picture.target.name)};
}

Result<Inspection> judge_taken(Taken& taken, const Source& source, const Accepted& accepted,
                               const AlsoAsked& also) {
  Inspection inspection;
  auto describer = taken.describer(goruntime::PathWords::kFieldsAndTypes);
  auto types = taken.type_teller();
  bool holders = also.holders && taken.picture.picture.has_references;
  std::optional<analyses::heap::HolderTree> tree;
  std::optional<analyses::goroutines::Judgement> judgement;
  begin_stage(source.stages, holders ? "prove, and find who holds what" : "prove");
  in_parallel(holders ? 2 : 1, [&](std::size_t piece) {
    if (piece == 0) {
      judgement.emplace(taken.picture);
      inspection.verdict = judge(*judgement, describer.get(), accepted, nullptr, types.get());
    } else {
      tree.emplace(taken.picture);
    }
  });
  if (also.goid) {
    inspection.story = analyses::goroutines::tell_story(*judgement, inspection.verdict, *also.goid,
                                                        describer.get());
    if (!inspection.story) return fail(explain_no_goroutine(taken.picture, *also.goid));
  }
  if (tree) {
    begin_stage(source.stages, "tell who holds what");
    auto of_heap = taken.describer();
    analyses::heap::HeldHeap held(taken.picture, *std::move(tree), of_heap.get());
    inspection.holders = analyses::heap::find_holders(taken.picture, held);
  }
  inspection.picture = std::move(taken.picture);
  return inspection;
}

}  // namespace

Result<Inspection> inspect(const Source& source, const Accepted& accepted, const AlsoAsked& also) {
  Taken taken = TRY(take(source, {.types = also.timers}));
  return at_low_priority([&] { return judge_taken(taken, source, accepted, also); });
}

// The program waits for it: at the priority that we have.
Result<Inspection> inspect(std::unique_ptr<target::Target> target, const Source& source,
                           const Accepted& accepted, const AlsoAsked& also) {
  Taken taken = TRY(take(std::move(target), source, {.types = also.timers}));
  return judge_taken(taken, source, accepted, also);
}

Result<snapshot::Snapshot> list_goroutines(const Source& source, GoroutineList list) {
  return TRY(take(source, {.references = false, .waits = list.waits, .no_stop = list.no_stop}))
      .picture;
}

Result<snapshot::Snapshot> list_allocations(const Source& source) {
  snapshot::Snapshot picture =
      TRY(take(source, {.allocations = true, .nothing_else = true})).picture;
  const snapshot::Allocations& allocations = picture.allocations;
  if (allocations.known) return picture;
  if (allocations.why_unknown.empty())
    return fail(Missing{"this snapshot was saved without allocation records", ""});
  return fail(Missing{allocations.why_unknown, allocations.remedy});
}

namespace {

Result<RetentionInspection> find_retention_in(Taken& taken, const Source& source,
                                              const findings::Asked& asked,
                                              const std::string& asked_text) {
  if (!taken.picture.picture.has_all_types)
    return fail(Missing{"this snapshot was saved without the types of all objects",
                        "goshawk snapshot --with-heap keeps them"});
  begin_stage(source.stages, "conclude types");
  taken.conclude_types();
  begin_stage(source.stages, "tell who holds it");
  auto describer = taken.describer();
  auto retention = analyses::heap::find_retention(taken.picture, asked, describer.get());
  if (!retention) return fail(explain_nothing_asked(taken.picture, asked, asked_text));
  retention->asked = asked_text;
  return RetentionInspection{std::move(taken.picture), *std::move(retention)};
}

}  // namespace

Result<RetentionInspection> inspect_retention(const Source& source, const findings::Asked& asked,
                                              const std::string& asked_text) {
  Taken taken = TRY(take(source, {.types = true}));
  return at_low_priority([&] { return find_retention_in(taken, source, asked, asked_text); });
}

namespace {

// What the analyses will ask for is told now: a file has no target. Who holds what is asked twice,
// of two graphs: `goshawk heap` asks all holders at once, a comparison the variables first. Neither
// tree follows from the other.
snapshot::Snapshot tell_beforehand(Taken& taken, const Source& source, bool heap) {
  if (heap) begin_stage(source.stages, "types, dominators, live objects");
  Groundwork ground = heap ? lay_groundwork(taken) : Groundwork{};
  auto describer = taken.describer();
  snapshot::PathRecorder recorder(*describer);
  auto teller = taken.type_teller();
  snapshot::TypeRecorder told(*teller);
  if (heap) {
    begin_stage(source.stages, "tell who holds what");
    analyses::heap::HeldHeap held(taken.picture, *std::move(ground.tree), &recorder);
    ground.tree.reset();
    analyses::heap::find_holders(taken.picture, held);
    analyses::heap::find_unneeded(taken.picture, *ground.live, held.paths);
    ground.live.reset();
  }
  begin_stage(source.stages, "prove");
  auto of_leaks = taken.describer(goruntime::PathWords::kFieldsAndTypes);
  recorder.ask(*of_leaks);
  analyses::goroutines::find_leaks(analyses::goroutines::Judgement(taken.picture), &recorder, {},
                                   nullptr, heap ? nullptr : &told);
  recorder.ask(*describer);
  if (heap) {
    begin_stage(source.stages, "tell which variables hold what");
    using analyses::heap::HolderChoice;
    analyses::heap::list_held_kinds(
        taken.picture, analyses::heap::HolderTree(taken.picture, HolderChoice::kGlobals),
        &recorder);
  }
  if (taken.target != nullptr) std::move(recorder).write_to(taken.picture);
  if (taken.target != nullptr && !heap) std::move(told).write_to(taken.picture.types);
  return std::move(taken.picture);
}

}  // namespace

Result<snapshot::Snapshot> take_picture(const Source& source, bool heap) {
  Taken taken = TRY(take(source, {.memory = true, .types = heap, .allocations = true}));
  return at_low_priority([&] { return tell_beforehand(taken, source, heap); });
}

}  // namespace goshawk::inspection
