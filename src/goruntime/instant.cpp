// A quiet instant: no stack is being moved, no lock of the runtime's is held in the middle of a
// change. Part of that is known before the target goes on; what is read beside a twin, or of what
// was read ahead, is asked afterwards, and the instant is thrown away if it was none.
#include "goruntime/instant.h"

#include <algorithm>

#include "goruntime/goroutines/quiet_instant.h"
#include "goruntime/heap/specials.h"
#include "target/process_memory_use.h"

namespace goshawk::goruntime {

std::vector<AddressRange> find_resting(std::span<const target::Thread> threads,
                                       const Functions& functions) {
  std::vector<AddressRange> resting;
  for (const target::Thread& thread : threads) {
    FunctionId function = functions.find(thread.pc);
    if (function == kNoFunction) continue;
    std::string_view name = functions.name(function);
    AddressRange code{functions.entry(function), thread.pc};
    if ((name == "runtime.futex" || name == "runtime.usleep") &&
        std::ranges::find(resting, code) == resting.end())
      resting.push_back(code);
  }
  return resting;
}

const char* name_way(target::Way way) {
  switch (way) {
    case target::Way::kTrack:
      return "track";
    case target::Way::kTwin:
      return "twin";
    default:
      return "copy";
  }
}

Result<Scheduler> read_scheduler(const target::Memory& memory, PageCache& cache,
                                 const Program& program) {
  Scheduler scheduler;
  scheduler.gs = TRY(read_gs(memory, program.g, program.globals, scheduler.dead));
  scheduler.ms = read_ms(cache, program.m, program.g, program.globals, scheduler.ms_complete);
  scheduler.ps = read_ps(cache, program.m, program.globals, scheduler.ps_complete);
  return scheduler;
}

void begin_stage(Stages* stages, const target::Memory& memory, std::string_view name) {
  if (stages == nullptr) return;
  stages->note_bytes_read(memory.bytes_read());
  stages->begin(name);
}

void InstantFinder::count_pause(const target::Stop& stop) {
  ++picture_.stops;
  picture_.pause_ns += stop.pause_ns();
  picture_.longest_pause_ns = std::max(picture_.longest_pause_ns, stop.pause_ns());
}

// The target goes on, or is still stopped where it cannot. False: a moment later it may.
Result<bool> InstantFinder::go_on(Instant& instant) {
  if (auto now = target_.read_monotonic_ns()) instant.now_ns = *now;
  // A twin, or what still stands, can be asked afterwards.
  bool in_stop = target_.reading_ahead() != nullptr || !target::can_read_memory_use_of_twin();
  if (in_stop) find_resident_pages(instant);
  begin_stage(stages_, target_.memory(), "let it go on");
  target::GoneOn gone_on =
      TRY(instant.stop->go_on(find_resting(instant.stop->threads(), program_.functions)));
  if (!in_stop && !gone_on.passing) find_resident_pages(instant);
  picture_.way = target_.kind() == "core" ? "core" : name_way(gone_on.way);
  picture_.way_reason = gone_on.reason;
  return !gone_on.passing;
}

// An instant that will do; `last`: any will do.
Result<Instant> InstantFinder::stop_once(bool last) {
  Instant instant;
  begin_stage(stages_, target_.memory(), "stop the threads");
  instant.stop = TRY(target_.stop());
  instant.cache = std::make_unique<PageCache>(target_.memory());
  instant.threads = instant.stop->threads();
  instant.queueing_specials = is_queueing_specials(instant.threads, program_.functions);
  bool quiet = is_quiet(*instant.cache, program_) && !instant.queueing_specials;
  instant.lists_whole = are_lists_whole(*instant.cache, program_);
  if ((quiet || last) && (TRY(go_on(instant)) || last)) {
    begin_stage(stages_, target_.memory(), "read the scheduler");
    instant.scheduler = TRY(read_scheduler(target_.memory(), *instant.cache, program_));
    instant.interruptions =
        resolve_interrupted(target_, program_.functions, instant.scheduler, instant.threads);
    instant.queueing_specials =
        is_queueing_specials(instant.threads, program_.functions) ||
        is_queueing_specials(instant.interruptions.elsewhere, program_.functions);
    picture_.quiet = quiet && !instant.queueing_specials &&
                     are_stacks_quiet(instant.scheduler.gs) && instant.scheduler.ms_complete &&
                     instant.scheduler.ps_complete && instant.interruptions.count == 0;
    if (picture_.quiet || last) return instant;
  }
  TRY_VOID(instant.stop->let_go());
  count_pause(*instant.stop);
  instant.stop.reset();
  return instant;
}

// A picture without it serves all other questions.
void InstantFinder::find_resident_pages(Instant& instant) {
  if (!memory_use_) return;
  begin_stage(stages_, target_.memory(), "find resident pages");
  auto use = target_.read_memory_use();
  if (use)
    instant.use = *std::move(use);
  else
    doubts_.push_back(
        {"which pages are in memory could not be read: " + describe(use.error()), false});
}

}  // namespace goshawk::goruntime
