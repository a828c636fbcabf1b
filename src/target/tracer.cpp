// 1. SEIZE each thread of /proc/PID/task until a listing brings none that is new: this stops
// nothing.
// 2. INTERRUPT them all, wait until each is in a ptrace stop, list again: a thread that was created
//    meanwhile is seized, interrupted and waited for too. Done when a listing brings nothing new
//    and as many are stopped as the kernel counts: a listing ends early where a thread of it ends
//    (next_tid in fs/proc/base.c), and has no more to say than that.
// 3. DETACH each. A thread that was about to take a signal is given that very signal.
//
// Invariants:
// - Stops are only peeked at (WNOWAIT): the kernel keeps the signal that a thread stopped with, and
//   delivers it even if we die before the detach.
// - A process in a job control stop is in it again after the detach: the kernel does that.
// - The first thread's exit is never collected by us: it is its parent's, and we may be that
//   parent.
//
// Not handled: epoll_wait, and some other calls that signal(7) lists, return EINTR to a thread
// stopped in them, as with every debugger; Go's runtime calls them again. A thread in an
// uninterruptible sleep does not stop: after the limit all others are let go.
#include "target/tracer.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/ptrace.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "target/process_access.h"
#include "target/ptrace_stop.h"
#include "target/thread_registers.h"

namespace goshawk::target {
namespace {

using std::chrono::milliseconds;

void collect_exit(std::int64_t pid, std::int64_t tid) {
  if (tid != pid) ::waitpid(static_cast<pid_t>(tid), nullptr, WNOHANG | __WALL);
}

}  // namespace

void collect_exits(std::int64_t pid, const SeizedThreads& seized) {
  for (std::int64_t tid : seized.copy())
    if (tid != pid && has_exited(peek(tid, WEXITED))) collect_exit(pid, tid);
}

Result<void> Tracer::stop_all() {
  std::vector<std::int64_t> running;
  while (true) {
    auto more = TRY(seize_new());
    if (more.empty()) break;
    running.insert(running.end(), more.begin(), more.end());
    TRY_VOID(check_limits());
  }
  if (running.empty()) return fail(explain_gone(directory_));
  first_stop_ = Clock::now();
  while (true) {
    TRY_VOID(interrupt_and_wait(running));
    running = TRY(seize_new());
    if (running.empty() && all_are_stopped()) break;
    TRY_VOID(check_limits());
  }
  if (stopped_.empty()) return fail(explain_gone(directory_));
  return {};
}

Result<bool> Tracer::stop_one(std::int64_t tid) {
  if (!TRY(seize(tid))) return false;
  known_.insert(tid);
  first_stop_ = Clock::now();
  TRY_VOID(interrupt_and_wait({tid}));
  return !stopped_.empty();
}

// The threads that were not known and are ours now.
Result<std::vector<std::int64_t>> Tracer::seize_new() {
  std::vector<std::int64_t> seized;
  for (std::int64_t tid : directory_.list_threads()) {
    if (known_.contains(tid)) continue;
    if (!TRY(seize(tid))) continue;
    known_.insert(tid);
    seized.push_back(tid);
    progress();
  }
  return seized;
}

// False: it has ended meanwhile.
Result<bool> Tracer::seize(std::int64_t tid) {
  seized_.add(tid);  // before: another thread of ours may have to collect its exit
  // The kernel says EPERM of an ended thread too, and an exec gives the number of an ended one to a
  // living one: only a refusal that lasts is one.
  constexpr int kAttempts = 8;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::ptrace(PTRACE_SEIZE, static_cast<pid_t>(tid), nullptr, nullptr) == 0) return true;
    if (errno == ESRCH || is_dead(tid)) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  if (auto other = find_other_tracer(directory_, tid)) return fail(*std::move(other));
  return fail(explain_denied_stop(directory_));
}

Result<void> Tracer::interrupt_and_wait(const std::vector<std::int64_t>& tids) {
  for (std::int64_t tid : tids)
    ::ptrace(PTRACE_INTERRUPT, static_cast<pid_t>(tid), nullptr, nullptr);
  std::vector<std::int64_t> pending = tids;
  auto pause = std::chrono::microseconds(0);
  for (int round = 0; !pending.empty(); ++round) {
    std::size_t before = pending.size();
    std::erase_if(pending, [&](std::int64_t tid) { return arrived(tid, round >= 16); });
    if (pending.size() < before) {
      progress();
      pause = pause / 2;
    } else if (round < 8) {
      ::sched_yield();
    } else {
      pause = std::min(pause + pause / 2 + std::chrono::microseconds(20),
                       std::chrono::microseconds(1000));
      std::this_thread::sleep_for(pause);
    }
    if (pending.empty() || check_limits()) continue;
    // One that only waits for a processor will stop; others are held for it no longer than the
    // limit in all.
    if (!has_paused_enough() && is_starved(pending.front()) &&
        Clock::now() - began_ < limits_.in_all)
      continue;
    return fail(explain_stuck(pending.front()));
  }
  return {};
}

// Whether there is nothing more to wait for. A first thread that has ended before the others tells
// nobody: it is looked at when it has been waited for a while.
bool Tracer::arrived(std::int64_t tid, bool patient) {
  siginfo_t info = peek(tid, WEXITED | WSTOPPED);
  if (info.si_pid == 0 && info.si_code == 0)
    return patient && tid == directory_.pid() && is_dead(tid);
  if (has_exited(info)) {
    collect_exit(directory_.pid(), tid);
    known_.erase(tid);  // its number may be given to a new thread
    return true;
  }
  int event = info.si_status >> 8;
  stopped_.push_back({tid, event == 0 ? info.si_status : 0});
  return true;
}

std::optional<ProcessStat> Tracer::read_thread_stat(std::int64_t tid) const {
  auto text = directory_.read_file(fmt::format("task/{}/stat", tid).c_str());
  return text ? parse_stat(*text) : std::nullopt;
}

bool Tracer::is_dead(std::int64_t tid) const {
  auto stat = read_thread_stat(tid);
  return !stat || stat->state == 'Z' || stat->state == 'X';
}

// SIGKILL takes a thread out of our stop: for a moment it is neither stopped nor dead.
bool Tracer::is_dying(std::int64_t tid) const {
  constexpr int kLooks = 50;
  for (int look = 0; look < kLooks; ++look) {
    if (is_dead(tid)) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

// Or it has stopped since it was last asked.
bool Tracer::is_starved(std::int64_t tid) const {
  auto stat = read_thread_stat(tid);
  return stat && (stat->state == 'R' || stat->state == 't');
}

// Fewer than were stopped: an exec or a SIGKILL ends them in their stops. A first thread that has
// ended counts as long as there are others.
bool Tracer::all_are_stopped() const {
  auto text = directory_.read_file("stat");
  auto stat = text ? parse_stat(*text) : std::nullopt;
  if (!text) return errno == ENOENT || errno == ESRCH;  // it is gone
  if (!stat) return false;
  std::size_t held = stopped_.size() + (stat->state == 'Z' ? 1 : 0);
  return static_cast<std::size_t>(stat->thread_count) <= held;
}

bool Tracer::has_paused_enough() const {
  return limits_.pause && first_stop_ > began_ && Clock::now() - first_stop_ > *limits_.pause;
}

Result<void> Tracer::check_limits() const {
  auto now = Clock::now();
  if (has_paused_enough())
    return fail(
        Missing{name_process(directory_) + " cannot be stopped within the limit of the pause",
                "it was let go unharmed; allow more"});
  if (now - last_progress_ < limits_.without_progress && now - began_ < limits_.in_all) return {};
  return fail(Missing{name_process(directory_) + " starts threads faster than they can be stopped",
                      "it was let go unharmed; try again"});
}

Error Tracer::explain_stuck(std::int64_t tid) const {
  auto stat = read_thread_stat(tid);
  auto where = directory_.read_file(fmt::format("task/{}/wchan", tid).c_str()).value_or("");
  std::string waits =
      where.empty() || where == "0" ? "" : fmt::format(" in the kernel's {}", where);
  return Missing{
      fmt::format("thread {} of {} did not stop within {} ms: it is in state {}{}", tid,
                  name_process(directory_),
                  std::chrono::duration_cast<milliseconds>(Clock::now() - first_stop_).count(),
                  stat ? stat->state : '?', waits),
      "every thread was let go unharmed; try again when that wait is over"};
}

// All or an error: a thread that is left out would be taken for one that holds nothing.
Result<std::vector<Thread>> Tracer::read_registers() const {
  std::vector<Thread> threads;
  threads.reserve(stopped_.size());
  for (const TracedThread& thread : stopped_) {
    if (auto registers = read_thread_registers(thread.tid))
      threads.push_back(std::move(*registers));
    else if (!is_dying(thread.tid))
      return fail(Missing{fmt::format("the registers of thread {} of {} cannot be read", thread.tid,
                                      name_process(directory_)),
                          "a thread in 32-bit mode? Every thread was let go unharmed"});
  }
  if (threads.empty()) return fail(explain_gone(directory_));
  return threads;
}

void Tracer::let_go() {
  for (const TracedThread& thread : stopped_) {
    // The signal goes where other requests have a pointer.
    auto signal = reinterpret_cast<void*>(  // NOLINT(performance-no-int-to-ptr)
        static_cast<std::intptr_t>(thread.signal));
    if (::ptrace(PTRACE_DETACH, static_cast<pid_t>(thread.tid), nullptr, signal) != 0 &&
        has_exited(peek(thread.tid, WEXITED)))
      collect_exit(directory_.pid(), thread.tid);
  }
  stopped_.clear();
}

}  // namespace goshawk::target
