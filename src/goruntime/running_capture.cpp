// In rounds: all gs, the stacks of those that are still to be had, all gs again. What is the same g
// in both was not scheduled in between: to run and to park anew it would have had to come back to
// the very same place with the same caller, whose frames are then the same. What has changed is
// read again in the next round, by what it is now.
#include "goruntime/running_capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "goruntime/goroutines/goroutine_checks.h"
#include "goruntime/goroutines/goroutine_reader.h"
#include "goruntime/goroutines/poll_waits.h"
#include "goruntime/goroutines/scheduler.h"
#include "goruntime/target_facts.h"

namespace goshawk::goruntime {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Status;

namespace {

constexpr int kRounds = 4;
constexpr int kTries = 20;  // of a list that is being changed

// Its own stack is in nobody's hands but its thread's, or the collector's.
bool may_move(const G& g) {
  return g.status == Status::kRunning || g.status == Status::kCopystack || g.scanning;
}

bool stood_still(const G& before, const G& after) {
  return before.goid == after.goid && before.status == after.status && !may_move(after) &&
         before.stack.start == after.stack.start && before.stack.end == after.stack.end &&
         before.sched_sp == after.sched_sp && before.sched_pc == after.sched_pc &&
         before.syscall_sp == after.syscall_sp && before.syscall_pc == after.syscall_pc &&
         before.waitreason == after.waitreason && before.waiting == after.waiting &&
         before.m == after.m;
}

class RunningCapture {
 public:
  RunningCapture(const target::Target& target, const Program& program,
                 std::vector<snapshot::Binding>& bindings)
      : target_(target), program_(program), bindings_(bindings) {}

  Result<Snapshot> take() {
    std::vector<G> now = TRY(read_list());
    GoroutineFacts facts{program_.g, program_.defer,
                         TRY(facts::WaitReasons::bind(target_.memory(), program_.globals,
                                                      program_.modules.build.version)),
                         program_.modules.build.version, program_.poll_desc};
    for (int round = 0; round < kRounds; ++round) {
      std::vector<G> open = still_open(now);
      if (open.empty()) break;
      TRY_VOID(read_round(std::move(open), facts, now));
    }
    TRY_VOID(list_the_rest(facts, now));
    record_goroutines(into_, facts.wait_reasons, *program_.layout, bindings_);
    finish();
    return std::move(into_);
  }

 private:
  // The runtime may be about to make a longer one, or a g of it.
  Result<std::vector<G>> read_list() {
    for (int attempt = 1;; ++attempt) {
      auto gs = read_gs(target_.memory(), program_.g, program_.globals, dead_);
      if (gs || attempt == kTries) return gs;
    }
  }

  std::vector<G> still_open(const std::vector<G>& now) const {
    std::vector<G> open;
    for (const G& g : now)
      if (!may_move(g) && !read_.contains(g.goid)) open.push_back(g);
    return open;
  }

  Result<void> read_round(std::vector<G> open, const GoroutineFacts& facts, std::vector<G>& now) {
    Scheduler scheduler;
    scheduler.gs = std::move(open);
    PageCache cache(target_.memory());
    WaitQueues queues(cache, program_.waits, program_.globals, scheduler.gs.size());
    Snapshot& into = into_;
    std::size_t first = into.goroutines.size(), doubts = into.doubts.size();
    GoroutineReader reader(target_, facts, program_.modules, program_.functions, cache, queues,
                           nullptr, into);
    std::optional<std::int64_t> now_ns;
    if (auto read = target_.read_monotonic_ns()) now_ns = *read;
    TRY_VOID(reader.read(scheduler, {}, now_ns));
    into.doubts.resize(doubts);  // of what may not stand
    now = TRY(read_list());
    keep_those_that_stood_still(first, scheduler.gs, now, reader.release_poll_identities());
    return {};
  }

  void keep_those_that_stood_still(std::size_t first, const std::vector<G>& before,
                                   const std::vector<G>& now,
                                   const std::vector<PollIdentity>& identities) {
    std::unordered_map<Address, const G*> after;
    after.reserve(now.size());
    for (const G& g : now) after.emplace(g.address, &g);
    std::size_t kept = first;
    for (std::size_t i = 0; i < before.size(); ++i) {
      auto found = after.find(before[i].address);
      const Goroutine& goroutine = into_.goroutines[first + i];
      if (found == after.end() || !stood_still(before[i], *found->second)) continue;
      if (goroutine.doubt != snapshot::kNone) continue;  // its stack could not be read
      read_.insert(goroutine.goid);
      into_.goroutines[kept++] = goroutine;
    }
    into_.goroutines.resize(kept);
    std::size_t known = polled_.size();
    for (std::size_t i = known; i < into_.io_waits.size(); ++i) {
      if (!read_.contains(into_.io_waits[i].goid)) continue;
      into_.io_waits[polled_.size()] = into_.io_waits[i];
      polled_.push_back(identities[i - known]);
    }
    into_.io_waits.resize(polled_.size());
  }

  // What runs has no stack that could be read; what never stood still, none that could be believed.
  Result<void> list_the_rest(const GoroutineFacts& facts, const std::vector<G>& now) {
    Scheduler rest;
    rest.dead = dead_;
    std::uint64_t running = 0;
    for (G g : now) {
      if (read_.contains(g.goid)) continue;
      if (may_move(g)) ++running;
      g.stack = {};
      g.sched_pc = g.sched_sp = g.sched_lr = g.syscall_pc = g.syscall_sp = g.waiting = Address();
      rest.gs.push_back(g);
    }
    PageCache cache(target_.memory());
    WaitQueues queues(cache, program_.waits, program_.globals, rest.gs.size());
    std::size_t first = into_.goroutines.size(), doubts = into_.doubts.size();
    GoroutineReader reader(target_, facts, program_.modules, program_.functions, cache, queues,
                           nullptr, into_);
    TRY_VOID(reader.read(rest, {}, std::nullopt));
    into_.doubts.resize(doubts);
    for (std::size_t i = first; i < into_.goroutines.size(); ++i) {
      Goroutine& goroutine = into_.goroutines[i];
      goroutine.doubt = into_.strings.intern("it ran while it was looked at");
      if (goroutine.started_at != snapshot::kNone)
        goroutine.stack = into_.stacks.intern(std::vector{goroutine.started_at});
    }
    std::uint64_t changed = rest.gs.size() - running;
    if (changed > 0)
      into_.doubts.push_back(
          {fmt::format("{} of {} goroutines changed whenever they were looked "
                       "at: of these only the function is told that they began in",
                       changed, into_.goroutines.size())});
    return {};
  }

  void finish() {
    std::ranges::sort(into_.goroutines, {}, &Goroutine::goid);
    into_.goroutine_roots.clear();
    into_.goroutine_root_rows.assign(into_.goroutines.size() + 1, 0);
    if (program_.poll_desc) name_descriptors(target_, *program_.poll_desc, polled_, into_);
    std::ranges::sort(into_.io_waits, {}, &snapshot::IoWait::goid);
    write_target_facts(target_, program_, into_);
    into_.picture.way = "no-stop";
    into_.picture.quiet = false;
    into_.bindings = bindings_;
  }

  const target::Target& target_;
  const Program& program_;
  std::vector<snapshot::Binding>& bindings_;
  Snapshot into_;
  std::uint64_t dead_ = 0;
  std::unordered_set<std::uint64_t> read_;  // with their stacks, by goid
  std::vector<PollIdentity> polled_;        // of the picture's io_waits
};

}  // namespace

Result<Snapshot> capture_running(const target::Target& target, const Program& program,
                                 std::vector<snapshot::Binding>& bindings) {
  return RunningCapture(target, program, bindings).take();
}

}  // namespace goshawk::goruntime
