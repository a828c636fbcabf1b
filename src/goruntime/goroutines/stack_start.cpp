// A goroutine stands at its saved context, at the entry of its system call, or where the registers
// of its thread say. Its thread may be on another stack for it: on the system stack, which it came
// to by a call and will return from, or on a signal's or C's, where its own frames begin nobody
// knows where.
#include "goruntime/goroutines/stack_start.h"

#include "goruntime/goroutines/thread_match.h"
#include "goruntime/goroutines/vfork.h"

namespace goshawk::goruntime {

using snapshot::Status;

namespace {

constexpr std::uint64_t kMaxStackBytes = std::uint64_t{1}
                                         << 30;  // runtime/debug.SetMaxStack's default on 64 bits

}  // namespace

void StackStarts::match(const Scheduler& scheduler, const std::vector<target::Thread>& threads) {
  thread_of_m_ = match_threads(threads, scheduler).thread_of_m;
  for (const M& m : scheduler.ms) m_at_.emplace(m.address, &m);
}

const M* StackStarts::find_m(Address address) const {
  auto m = m_at_.find(address);
  return m == m_at_.end() ? nullptr : m->second;
}

// Bounds that lie cost nothing.
bool StackStarts::has_ends(AddressRange stack) const {
  if (stack.size_bytes() <= kLargeStackBytes) return true;
  return target_.memory().read_value<std::uint64_t>(stack.start) &&
         target_.memory().read_value<std::uint64_t>(stack.end - 8);
}

void StackStarts::find_of_thread(const G& g, const target::Thread& thread,
                                 StackStart& start) const {
  if (g.stack.contains(thread.sp)) {
    start = {.pc = thread.pc, .sp = thread.sp, .lr = thread.lr, .thread = &thread};
    if (auto pc = find_vfork_return(target_, functions_, thread)) start.pc = *pc;
  } else if (const M* m = find_m(g.m)) {
    start.system_stack = system_stack_calls_.words_since(g, *m, thread);
    if (!start.system_stack.empty()) start.thread = &thread;
  }
  start.interrupted = start.thread != nullptr;
}

StackStart StackStarts::find(const G& g) const {
  StackStart start{.pc = g.sched_pc, .sp = g.sched_sp, .lr = g.sched_lr};
  if (!g.syscall_sp.is_null()) {
    start.pc = g.syscall_pc;
    start.sp = g.syscall_sp;
    start.lr = Address();
  }
  bool running = g.status == Status::kRunning;
  if (running)
    if (auto thread = thread_of_m_.find(g.m); thread != thread_of_m_.end())
      find_of_thread(g, *thread->second, start);
  // Running on its own stack: the walk takes the innermost frame by words, the callers stand at
  // calls.
  bool somewhere = running && start.thread == nullptr;
  start.conservative = somewhere || g.scanning || g.status == Status::kCopystack;
  bool sp_fits = g.stack.start <= start.sp && start.sp <= g.stack.end;
  start.walkable = sp_fits && g.status != Status::kCopystack;
  start.from = sp_fits ? start.sp : g.stack.start;
  if (start.conservative) start.from = g.stack.start;  // it may be changing hands: all of it
  start.readable = start.from <= g.stack.end && g.stack.size_bytes() <= kMaxStackBytes &&
                   has_ends({start.from, g.stack.end});
  if (!start.readable) start.from = g.stack.end;
  return start;
}

}  // namespace goshawk::goruntime
