// The instant of a picture: a stop at which the runtime is not in the middle of a change, and the
// scheduler as it stood then.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/stages.h"
#include "goruntime/goroutines/interrupted.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/page_cache.h"
#include "goruntime/program.h"
#include "snapshot/snapshot.h"
#include "target/memory_use.h"
#include "target/target.h"

namespace goshawk::goruntime {

// One stop, and the scheduler as it stood then.
struct Instant {
  std::unique_ptr<target::Stop> stop;
  std::vector<target::Thread> threads;  // as they were before a signal interrupted them
  Interruptions interruptions;
  std::unique_ptr<PageCache> cache;
  Scheduler scheduler;
  bool lists_whole = true;
  bool queueing_specials = false;
  std::optional<std::int64_t> now_ns;  // of the target's clock
  std::optional<target::MemoryUse> use;
};

// As a picture names it.
const char* name_way(target::Way way);

// Where a thread may be made to make a call: in waits of the runtime's own, which it leaves without
// cause as well (os_linux.go: futexsleep, usleep). Up to the instruction at which they wait.
std::vector<AddressRange> find_resting(std::span<const target::Thread> threads,
                                       const Functions& functions);

// What was read so far belongs to the stage before. `stages`: null where nobody asks.
void begin_stage(Stages* stages, const target::Memory& memory, std::string_view name);

// What is read of the scheduler alone.
Result<Scheduler> read_scheduler(const target::Memory& memory, PageCache& cache,
                                 const Program& program);

// Stops the target until an instant will do.
class InstantFinder {
 public:
  // All outlive it. What the stops cost and how the target went on is told in `picture`; `stages`:
  // null where nobody asks. memory_use: which pages are in memory is read of each instant.
  InstantFinder(target::Target& target, const Program& program, Stages* stages, bool memory_use,
                snapshot::PictureFacts& picture, std::vector<snapshot::Doubt>& doubts)
      : target_(target),
        program_(program),
        stages_(stages),
        memory_use_(memory_use),
        picture_(picture),
        doubts_(doubts) {}

  // `last`: any instant will do. Without a stop: this one did not, and the target goes on.
  Result<Instant> stop_once(bool last);
  void count_pause(const target::Stop& stop);

 private:
  Result<bool> go_on(Instant& instant);
  void find_resident_pages(Instant& instant);

  target::Target& target_;
  const Program& program_;
  Stages* stages_;
  bool memory_use_;
  snapshot::PictureFacts& picture_;
  std::vector<snapshot::Doubt>& doubts_;
};

}  // namespace goshawk::goruntime
