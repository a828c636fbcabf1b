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
#include "goruntime/path_describer.h"
#include "goruntime/typing/object_types.h"
#include "inspection/captured.h"
#include "inspection/judge.h"
#include "target/process.h"

namespace goshawk::inspection {
namespace {

using Clock = std::chrono::steady_clock;

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

  std::size_t count() const { return pictures_.size(); }
  const snapshot::Snapshot& latest() const { return latest_.picture; }

  Inspection judge() {
    std::unique_ptr<snapshot::PathDescriber> describer;
    std::unique_ptr<snapshot::TypeTeller> types;
    if (latest_.heap != nullptr) {
      describer =
          goruntime::make_path_describer(target_, *latest_.program, *latest_.heap, latest_.picture);
      types =
          goruntime::make_type_teller(target_, *latest_.program, *latest_.heap, latest_.picture);
    }
    Inspection inspection;
    inspection.verdict = inspection::judge(analyses::goroutines::Judgement(latest_.picture),
                                           describer.get(), accepted_, &series_, types.get());
    inspection.verdict.pictures = pictures_;
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

std::string explain_missing(const Error& why, std::size_t taken, std::uint32_t samples) {
  return fmt::format(
      "there is no picture {} of {}: {}. What is told is of picture {}, in which the heap was not "
      "read: by what grows, without a proof",
      taken + 1, samples, describe(why), taken);
}

}  // namespace

Result<Inspection> inspect_growth(const Source& source, const Accepted& accepted,
                                  const Schedule& schedule, const WaitForNext& wait_for_next,
                                  const AfterPicture& after_picture) {
  auto target = TRY(target::open_process(source.pid));
  SeveralPictures pictures(*target, source, accepted);
  auto due = Clock::now();
  for (bool last = false; !last;) {
    auto next = static_cast<std::uint32_t>(pictures.count() + 1);
    last = next == schedule.samples;
    auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(due - Clock::now()).count();
    if (next > 1 && !wait_for_next(next, std::max<std::int64_t>(left, 0))) last = true;
    due = Clock::now() + std::chrono::nanoseconds(schedule.every_ns);
    auto taken = pictures.take(last);
    if (!taken && pictures.count() < 2) return fail(std::move(taken.error()));
    if (!taken) {
      Inspection judged = pictures.judge();
      judged.verdict.doubts.push_back(
          explain_missing(taken.error(), pictures.count(), schedule.samples));
      return judged;
    }
    after_picture(next, pictures.latest());
  }
  return pictures.judge();
}

}  // namespace goshawk::inspection
