// One process, looked at again and again. It is opened once: its directory in /proc and its address
// space are of this very process, so that neither another one with its number nor a program that it
// executes can be taken for it. Between two pictures nothing of it is held but these.
//
// Of an earlier picture only goroutines and their sites are kept (growth.h), and of the latest the
// list of goroutines, in case that there is no next one. Only the last picture needs the heap.
#include "inspection/several_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "analyses/goroutines/leaks.h"
#include "analyses/goroutines/sites.h"
#include "analyses/goroutines/story.h"
#include "base/low_priority.h"
#include "goruntime/path_describer.h"
#include "goruntime/typing/object_types.h"
#include "inspection/captured.h"
#include "inspection/judge.h"

namespace goshawk::inspection {
namespace {

using Clock = std::chrono::steady_clock;

// All but the last picture are of the goroutines only: one of these proves nothing.
constexpr std::uint32_t kLeastToJudge = 2;

class SeveralPictures {
 public:
  SeveralPictures(target::Target& target, const Source& source, const Accepted& accepted)
      : target_(target), source_(source), accepted_(accepted) {}

  Result<void> take(bool last) {
    Captured taken = TRY(capture(target_, source_, {.references = last, .descriptors = last}));
    auto now = Clock::now();
    if (pictures_.empty()) began_ = now;
    double seconds = std::chrono::duration<double>(now - began_).count();
    latest_ = std::move(taken);
    series_.last = sites_.sight(latest_.picture);
    series_.growth.add(seconds, series_.last);
    pictures_.push_back(
        {seconds, latest_.picture.goroutines.size(), latest_.picture.picture.pause_ns});
    return {};
  }

  const snapshot::Snapshot& latest() const { return latest_.picture; }

  Result<Inspection> judge(std::optional<std::uint64_t> goid) {
    std::unique_ptr<snapshot::PathDescriber> describer;
    std::unique_ptr<snapshot::TypeTeller> types;
    if (latest_.heap != nullptr) {
      describer =
          goruntime::make_path_describer(target_, *latest_.program, *latest_.heap, latest_.picture,
                                         goruntime::PathWords::kFieldsAndTypes);
      types =
          goruntime::make_type_teller(target_, *latest_.program, *latest_.heap, latest_.picture);
    }
    Inspection inspection;
    begin_stage(source_.stages, "prove");
    analyses::goroutines::Judgement judgement(latest_.picture);
    inspection.verdict =
        inspection::judge(judgement, describer.get(), accepted_, &series_, types.get());
    inspection.verdict.pictures = pictures_;
    if (goid) {
      inspection.story =
          analyses::goroutines::tell_story(judgement, inspection.verdict, *goid, describer.get());
      if (!inspection.story) return fail(explain_no_goroutine(latest_.picture, *goid));
    }
    inspection.picture = std::move(latest_.picture);
    return inspection;
  }

 private:
  target::Target& target_;
  const Source& source_;
  const Accepted& accepted_;
  Clock::time_point began_;
  analyses::goroutines::Sites sites_;
  analyses::goroutines::Series series_;
  std::vector<findings::PictureTaken> pictures_;
  Captured latest_;
};

}  // namespace

Result<PicturesTaken> take_pictures(
    const Schedule& schedule, std::uint32_t least, const WaitForNext& wait_for_next,
    const std::function<Result<void>(std::uint32_t number, bool last)>& take) {
  PicturesTaken taken;
  auto due = Clock::now();
  for (bool last = false; !last;) {
    std::uint32_t next = taken.count + 1;
    last = next == schedule.samples;
    auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(due - Clock::now()).count();
    if (next > 1 && !wait_for_next(next, std::max<std::int64_t>(left, 0))) last = true;
    due = Clock::now() + std::chrono::nanoseconds(schedule.every_ns);
    auto done = take(next, last);
    if (!done && taken.count < least) return fail(std::move(done.error()));
    if (!done) {
      taken.missing = std::move(done.error());
      return taken;
    }
    taken.count = next;
  }
  return taken;
}

std::string explain_missing(const PicturesTaken& taken, const Schedule& schedule) {
  return fmt::format("there is no picture {} of {}: {}. What is told is of picture {}",
                     taken.count + 1, schedule.samples, describe(*taken.missing), taken.count);
}

Result<Inspection> inspect_growth(const Source& source, const Accepted& accepted,
                                  const Schedule& schedule, const WaitForNext& wait_for_next,
                                  const AfterPicture& after_picture,
                                  std::optional<std::uint64_t> goid) {
  auto target = TRY(open_process(source));
  SeveralPictures pictures(*target, source, accepted);
  auto take = [&](std::uint32_t number, bool last) -> Result<void> {
    auto taken = pictures.take(last);
    if (taken) after_picture(number, pictures.latest());
    return taken;
  };
  PicturesTaken taken = TRY(take_pictures(schedule, kLeastToJudge, wait_for_next, take));
  Inspection judged = TRY(at_low_priority([&] { return pictures.judge(goid); }));
  if (taken.missing)
    judged.verdict.doubts.push_back(
        explain_missing(taken, schedule) +
        ", in which the heap was not read: by what grows, without a proof");
  return judged;
}

}  // namespace goshawk::inspection
