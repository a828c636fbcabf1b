// Of a picture nothing but its answer and a few numbers (analyses/heap/growth.h) is kept when the
// next one is taken: never two of them are in memory.
#include "inspection/heap_inspection.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "analyses/heap/balance.h"
#include "analyses/heap/growth.h"
#include "analyses/heap/holders.h"
#include "analyses/heap/live_objects.h"
#include "analyses/heap/types.h"
#include "analyses/heap/unneeded.h"
#include "base/low_priority.h"
#include "graph/reachability.h"
#include "inspection/groundwork.h"
#include "inspection/taken.h"
#include "target/job_control.h"

namespace goshawk::inspection {
namespace {

using analyses::heap::Growth;
using Clock = std::chrono::steady_clock;

constexpr Extent kWholeHeap = {.memory = true, .types = true, .allocations = true};

// `growth`: nullptr: it is the only picture.
Result<findings::HeapAnswer> answer_of(Taken& taken, double seconds, Growth* growth,
                                       Stages* stages) {
  if (!taken.picture.memory.known)
    return fail(Missing{"which pages of its memory are in use could not be read",
                        "goshawk doctor tells why, and what is needed"});
  auto describer = taken.describer();
  findings::HeapAnswer answer;
  answer.holders.known = taken.picture.picture.has_all_types;
  std::optional<graph::Reachability> live;
  if (answer.holders.known) {
    begin_stage(stages, "types, dominators, live objects");
    Groundwork ground = lay_groundwork(taken);
    begin_stage(stages, "tell who holds what");
    analyses::heap::HeldHeap held(taken.picture, *std::move(ground.tree), describer.get());
    ground.tree.reset();
    answer.holders = analyses::heap::find_holders(taken.picture, held);
    answer.types = analyses::heap::add_up_types(taken.picture, *ground.live);
    analyses::heap::add_retained(*answer.types, taken.picture, held.groups);
    begin_stage(stages, "find what is not needed");
    analyses::heap::Unneeded unneeded =
        analyses::heap::find_unneeded(taken.picture, *ground.live, held.paths);
    answer.findings = std::move(unneeded.findings);
    answer.lines = std::move(unneeded.lines);
    if (growth != nullptr) {
      growth->add(seconds, taken.picture, *ground.live, *answer.types, held);
      const auto& grows = growth->found();
      answer.findings.insert(answer.findings.begin(), grows.begin(), grows.end());
    }
    if (!taken.picture.fill.known)
      taken.picture.doubts.push_back(
          {"how much of arrays and maps is used was not looked at: too many of them are large"});
    live = std::move(ground.live);
  } else {
    begin_stage(stages, "mark live objects");
    live.emplace(analyses::heap::mark_live_objects(taken.picture));
    taken.picture.doubts.push_back(
        {"who holds the heap, and what is in it, is not in this snapshot: "
         "goshawk snapshot --with-heap keeps it"});
  }
  answer.balance = analyses::heap::draw_up_balance(taken.picture, *live);
  return answer;
}

class SeveralHeaps {
 public:
  SeveralHeaps(std::unique_ptr<target::Target> target, const Source& source)
      : target_(std::move(target)), source_(source) {}

  Result<void> take(std::uint32_t number, const AfterPicture& after_picture) {
    bool is_stopped = target::is_stopped_by_signal(source_.pid);
    Taken taken = TRY(inspection::take(std::move(target_), source_, kWholeHeap));
    auto now = Clock::now();
    if (pictures_.empty()) began_ = now;
    double seconds = std::chrono::duration<double>(now - began_).count();
    findings::HeapAnswer answer =
        TRY(at_low_priority([&] { return answer_of(taken, seconds, &growth_, source_.stages); }));
    pictures_.push_back({seconds, answer.balance.live_bytes, answer.balance.total_bytes,
                         taken.picture.picture.pause_ns, is_stopped});
    after_picture(number, taken.picture);
    target_ = std::move(taken.target);
    latest_ = {only_facts(std::move(taken.picture)), std::move(answer), {}};
    latest_.answer.pictures = pictures_;
    return {};
  }

  HeapInspection finish() { return std::move(latest_); }

 private:
  std::unique_ptr<target::Target> target_;
  const Source& source_;
  Clock::time_point began_;
  Growth growth_;
  std::vector<findings::HeapPicture> pictures_;
  HeapInspection latest_;
};

}  // namespace

Result<HeapInspection> inspect_heap(const Source& source) {
  Taken taken = TRY(take(source, kWholeHeap));
  findings::HeapAnswer answer =
      TRY(at_low_priority([&] { return answer_of(taken, 0, nullptr, source.stages); }));
  return HeapInspection{only_facts(std::move(taken.picture)), std::move(answer), {}};
}

Result<HeapInspection> inspect_heap_growth(const Source& source, const Schedule& schedule,
                                           const WaitForNext& wait_for_next,
                                           const AfterPicture& after_picture) {
  SeveralHeaps heaps(TRY(open_process(source)), source);
  PicturesTaken taken =
      TRY(take_pictures(schedule, 1, wait_for_next, [&](std::uint32_t number, bool) {
        return heaps.take(number, after_picture);
      }));
  HeapInspection told = heaps.finish();
  if (!taken.missing) return told;
  told.answer.cut_short = true;
  told.picture.doubts.push_back({explain_missing(taken, schedule)});
  if (taken.count == 1) told.no_growth = std::move(taken.missing);
  return told;
}

}  // namespace goshawk::inspection
