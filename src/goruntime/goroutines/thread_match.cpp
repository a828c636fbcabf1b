// A thread stands on its m's g0 or gsignal stack or on that of the goroutine it runs. These do not
// overlap, but for ms that a C thread has left: their g0 keeps the bounds of a stack that is C's
// again (runtime/proc.go needm), maybe under another m by now. The id tells these apart where ids
// can be compared; where not, the true m is left without a thread, and what cannot be matched is
// scanned whole by roots.cpp.
#include "goruntime/goroutines/thread_match.h"

#include <algorithm>

namespace goshawk::goruntime {

namespace {

struct StackOfM {
  AddressRange range;
  const M* m = nullptr;
};

// Stacks grow down: sp may equal the end of its own, never the start.
bool stands_on(const AddressRange& stack, Address sp) {
  return stack.start < sp && sp <= stack.end;
}

std::vector<StackOfM> collect_stacks(const Scheduler& scheduler) {
  std::unordered_map<Address, const G*> g_at;
  for (const G& g : scheduler.gs)
    if (!g.m.is_null()) g_at.emplace(g.address, &g);
  std::vector<StackOfM> stacks;
  for (const M& m : scheduler.ms) {
    for (const AddressRange& range : {m.g0_stack, m.gsignal_stack})
      if (range.start < range.end) stacks.push_back({range, &m});
    if (auto curg = g_at.find(m.curg); curg != g_at.end())
      stacks.push_back({curg->second->stack, &m});
  }
  std::ranges::sort(stacks, {}, [](const StackOfM& stack) { return stack.range.start; });
  return stacks;
}

const M* find_m(const std::vector<StackOfM>& stacks, const target::Thread& thread) {
  auto after = std::ranges::lower_bound(stacks, thread.sp, {},
                                        [](const StackOfM& stack) { return stack.range.start; });
  constexpr int kMostOverlaps = 16;
  for (int i = 0; i < kMostOverlaps && after != stacks.begin(); ++i, --after)
    if (stands_on((after - 1)->range, thread.sp)) return (after - 1)->m;
  return nullptr;
}

// An m of a program with C that waits for a callback is at work by its words, but runs nobody.
std::size_t count_running(const std::vector<const M*>& ms, const Scheduler& scheduler) {
  std::unordered_set<Address> running;
  for (const G& g : scheduler.gs)
    if (g.status == snapshot::Status::kRunning) running.insert(g.address);
  return static_cast<std::size_t>(std::ranges::count_if(ms, [&](const M* m) {
    return m->curg.is_null() ? !m->p.is_null() : running.contains(m->curg);
  }));
}

}  // namespace

MsAtWork::MsAtWork(const Scheduler& scheduler) {
  for (const G& g : scheduler.gs)
    if (g.status == snapshot::Status::kSyscall) in_syscall_.insert(g.address);
}

ThreadMatch match_threads(const std::vector<target::Thread>& threads, const Scheduler& scheduler) {
  std::vector<StackOfM> stacks = collect_stacks(scheduler);
  std::unordered_map<std::int64_t, std::vector<const StackOfM*>> by_procid;
  for (const StackOfM& stack : stacks) by_procid[stack.m->procid].push_back(&stack);
  ThreadMatch match;
  for (const target::Thread& thread : threads) {
    const M* m = nullptr;
    if (auto own = by_procid.find(thread.tid); own != by_procid.end())
      for (const StackOfM* stack : own->second)
        if (stands_on(stack->range, thread.sp)) m = stack->m;
    if (m == nullptr) m = find_m(stacks, thread);
    if (m == nullptr) continue;
    match.m_of_thread.emplace(thread.tid, m);
    match.thread_of_m.emplace(m->address, &thread);
  }
  MsAtWork at_work(scheduler);
  for (const M& m : scheduler.ms)
    if (at_work.contains(m) && !match.thread_of_m.contains(m.address)) match.lost.push_back(&m);
  match.thread_is_missing =
      count_running(match.lost, scheduler) > threads.size() - match.m_of_thread.size();
  return match;
}

}  // namespace goshawk::goruntime
