// Nothing is read again: each count is of what the readers did. A goroutine that waits for a
// channel and stands in that channel's queue, say, was found there by sudog.g, c, next and waitlink
// and by hchan's queues, so that all of these are where they were expected.
//
// A goroutine that is just being woken is in no queue any more while its status still says that it
// waits: a few that do not fit contradict nothing.
#include "goruntime/goroutines/goroutine_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "goruntime/layout/table_layout.h"

namespace goshawk::goruntime {

using snapshot::Goroutine;
using snapshot::Standing;
using snapshot::WaitKind;

namespace {

struct Count {
  std::uint64_t passed = 0, checked = 0;
  void add(bool fits) {
    ++checked;
    passed += fits ? 1 : 0;
  }
};

bool waits_for_channel(const Goroutine& g) {
  return g.wait_kind == WaitKind::kSelect || g.wait_kind == WaitKind::kChanReceive ||
         g.wait_kind == WaitKind::kChanSend;
}

bool waits_for_semaphore(const Goroutine& g) {
  return g.wait_kind == WaitKind::kMutexLock || g.wait_kind == WaitKind::kRWMutexRLock ||
         g.wait_kind == WaitKind::kRWMutexLock || g.wait_kind == WaitKind::kWaitGroupWait ||
         g.wait_kind == WaitKind::kSemacquire;
}

bool is_in_its_queues(const snapshot::Snapshot& picture, const Goroutine& g) {
  if (!g.waits_complete || g.wait_count == 0) return false;
  return std::all_of(picture.waits.begin() + g.first_wait,
                     picture.waits.begin() + g.first_wait + g.wait_count,
                     [](const snapshot::Wait& wait) { return wait.linked; });
}

}  // namespace

void record_scheduler(const Scheduler& scheduler, const LayoutSource& layout,
                      const Globals& globals, const facts::TimerFact& timer, PageCache& cache,
                      std::vector<snapshot::Binding>& bindings) {
  auto add = [&](const char* fact, const char* type, const char* check, std::uint64_t passed,
                 std::uint64_t checked, bool good) {
    bindings.push_back(snapshot::tried(fact, layout.origin_of(type), check, passed, checked));
    if (!good) bindings.back().standing = Standing::kFailed;
  };
  auto has_run = static_cast<std::uint64_t>(std::ranges::count(scheduler.gs, true, &G::has_run));
  add("runtime.g", "runtime.g", "goroutines whose saved context leads back to them", has_run,
      scheduler.gs.size(), true);
  if (globals.allm)
    add("runtime.m", "runtime.m", "threads that are their g0's own, down to number 0",
        scheduler.ms.size(), scheduler.ms.size(), scheduler.ms_complete);
  if (!globals.allp) return;
  add("runtime.p", "runtime.p", "processors that bear their own number", scheduler.ps.size(),
      scheduler.ps.size(), scheduler.ps_complete);
  auto fitting = static_cast<std::uint64_t>(
      std::ranges::count_if(scheduler.ps, [&](Address p) { return timer.fits(cache, p); }));
  add("runtime.p.timers", "runtime.p", "processors whose write barrier buffer is where p has it",
      fitting, scheduler.ps.size(), fitting == scheduler.ps.size());
}

void record_goroutines(const snapshot::Snapshot& picture, const facts::WaitReasons& wait_reasons,
                       std::vector<snapshot::Binding>& bindings) {
  Count whole, exact, reasons;
  for (const Goroutine& g : picture.goroutines) {
    if (g.status != snapshot::Status::kWaiting && g.status != snapshot::Status::kLeaked) continue;
    whole.add(g.stack_complete);
    exact.add(g.stack_exact);
    reasons.add(g.wait_kind != WaitKind::kUnknown);
  }
  bindings.push_back(snapshot::tried("function tables", "runtime.moduledata",
                                     "waiting goroutines whose stack unwinds to its end",
                                     whole.passed, whole.checked));
  bindings.push_back(snapshot::tried("stack maps", "runtime.moduledata",
                                     "waiting goroutines whose every frame has its map",
                                     exact.passed, exact.checked));
  bindings.push_back(snapshot::tried(
      "runtime.waitReason", wait_reasons.of_target() ? "the program's own texts" : "table",
      fmt::format("waiting goroutines whose reason is one of {}", wait_reasons.count()),
      reasons.passed, reasons.checked));
}

void record_waits(const snapshot::Snapshot& picture, const LayoutSource& layout,
                  std::vector<snapshot::Binding>& bindings) {
  Count channels, semaphores, conds;
  std::uint64_t io = 0;
  for (const Goroutine& g : picture.goroutines) {
    bool fits = is_in_its_queues(picture, g);
    if (waits_for_channel(g)) channels.add(fits);
    if (waits_for_semaphore(g)) semaphores.add(fits);
    if (g.wait_kind == WaitKind::kCondWait) conds.add(fits);
    if (g.wait_kind == WaitKind::kIo) ++io;
  }
  auto add = [&](const char* fact, const char* type, const char* check, Count count) {
    bindings.push_back(
        snapshot::tried(fact, layout.origin_of(type), check, count.passed, count.checked));
  };
  add("runtime.sudog", "runtime.sudog",
      "goroutines that stand in the queue of each channel they wait for", channels);
  add("runtime.hchan", "runtime.hchan", "the same, by the channels' own queues", channels);
  add("runtime.semaRoot", "runtime.semaRoot",
      "goroutines that wait for a lock and are in the semaphore table", semaphores);
  add("runtime.notifyList", "runtime.notifyList",
      "goroutines that wait for a condition and are in its list", conds);
  bool missing =
      std::ranges::find(bindings, "runtime.pollDesc", &snapshot::Binding::fact) != bindings.end();
  if (!missing)
    add("runtime.pollDesc", "runtime.pollDesc",
        "goroutines in IO wait whose frames lead to the pollDesc that would wake them",
        {picture.io_waits.size(), io});
}

void record_table(const LayoutSource& layout, const BuildFacts& build,
                  std::vector<snapshot::Binding>& bindings) {
  auto table = TableLayout::find(build.version, build.arch);
  if (!table) return;  // the remark says so
  TableLayout::Comparison compared = (*table)->compare(layout);
  std::string check = "structures that the program itself describes in the same way";
  if (!compared.different.empty())
    check += fmt::format(" (not {})", fmt::join(compared.different, ", "));
  bindings.push_back(
      snapshot::tried("layout of " + build.version.text, (*table)->origin(), std::move(check),
                      compared.described - compared.different.size(), compared.described));
  // The program is believed where it describes itself: a runtime that was changed is no failure.
  if (!compared.different.empty()) bindings.back().standing = Standing::kMostly;
}

}  // namespace goshawk::goruntime
