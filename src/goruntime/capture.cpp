// The order of a picture, one stop, before which what it will ask for may be read ahead (a
// rehearsal, while the target runs):
//   1. stop; is the instant quiet? if not, let go and try again, a little later each time
//   2. which pages are in memory (when that is wanted); where there can be a twin: the target goes
//      on, and its twin is read from here on
//   3. gs, ms, ps: part of the question too
//   4. waits of semaphores, spans (only when references are wanted)
//   5. every goroutine: stack, waits, what it holds
//   6. references between objects, with the rows of gs, waiting sudogs and ps cut
//   7. roots
//   8. what tells types of objects (only when they are wanted)
//   9. let go
//   10. what the descriptors of network waits lead to, and what the program has counted of its
//      allocations, while the target runs
// Afterwards nothing of the target is read any more but what does not change: type descriptors.
#include "goruntime/capture.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "base/low_priority.h"
#include "goruntime/goroutines/goroutine_checks.h"
#include "goruntime/instant.h"
#include "goruntime/picture_reader.h"
#include "goruntime/rehearsals.h"
#include "target/reading_ahead.h"

namespace goshawk::goruntime {

namespace {

// Between two stops the target runs, and is read ahead: a collection ends, a stack is copied.
Result<Instant> find_instant(InstantFinder& instants, const target::Target& target,
                             int most_attempts, Rehearsals& rehearsals) {
  auto wait = std::chrono::microseconds(500);
  for (int attempt = 1;; ++attempt) {
    bool last = !target.goes_on() || attempt >= most_attempts;
    Instant instant = TRY(instants.stop_once(last));
    if (instant.stop != nullptr) return instant;
    std::this_thread::sleep_for(wait);
    rehearsals.go_on(instants);
    wait = std::min(wait * 2, std::chrono::microseconds(20'000));
  }
}

}  // namespace

Result<Captured> capture(target::Target& target, const Program& program,
                         const CaptureRequest& request, std::vector<snapshot::Binding>& bindings) {
  if (request.thorough) record_table(*program.layout, program.modules.build, bindings);
  PictureReader reader(target, request, program, bindings);
  snapshot::Snapshot& picture = reader.picture();
  InstantFinder instants(target, program, request.stages, request.memory && request.references,
                         picture.picture, picture.doubts);
  Rehearsals rehearsals(target, request, program);
  begin_stage(request.stages, target.memory(), "read ahead");
  rehearsals.begin(instants);
  auto found = find_instant(instants, target, request.quiet_attempts, rehearsals);
  if (!found) {
    if (target::ReadingAhead* reading = target.reading_ahead()) reading->give_up("");
    return fail(std::move(found).error());
  }
  Instant instant = *std::move(found);
  bool is_read_ahead = picture.picture.way == name_way(target::Way::kTrack);
  if (target::ReadingAhead* reading = target.reading_ahead(); reading && !is_read_ahead)
    reading->give_up("");
  DecodedAhead* ahead = rehearsals.complete();
  bool stands_still = picture.picture.way == name_way(target::Way::kCopy);
  auto result = stands_still ? reader.read(instant, ahead)
                             : at_low_priority([&] { return reader.read(instant, ahead); });
  begin_stage(request.stages, target.memory(), "let go");
  auto let_go = instant.stop->let_go();
  instants.count_pause(*instant.stop);
  TRY_VOID(result);
  TRY_VOID(let_go);
  reader.complete();
  return Captured{std::move(picture), std::move(reader.heap()), std::move(reader.evidence())};
}

}  // namespace goshawk::goruntime
