// One loop, in one thread, takes what the kernel tells of the program's threads:
//   a signal on its way    it goes on with that signal
//   a group stop           it stays stopped until SIGCONT (PTRACE_LISTEN)
//   a new thread, an exec  it goes on
//   the end of a thread    alone, by SYS_exit: it goes on. Else its process ends: it is held, with
//                          its registers, until all the others are; their SIGKILL is taken already
//
// What is known of each process: watched_process.h. For a picture while it runs its threads are
// paused (paused_threads.h); where it ends itself it is held for a moment (exit_hold.h); what runs
// on at our end is let go (letting_go.h).
//
// Invariants:
// - A thread that waits for others to end, in execve, is not waited for: those that are held for it
//   go on. Nor is one that does not come within a second (an uninterruptible sleep).
// - A child is let go before its first instruction unless children are asked for.
// - Whoever kills us kills the program (PTRACE_O_EXITKILL), and of its children those that have
//   breakpoints.
//
// Not handled: a program of another user (set-user-ID) runs without its privileges, as the kernel
// wants it of whatever is traced.
#include "target/started_process.h"

#include <fmt/format.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <optional>
#include <set>
#include <thread>

#include "target/exit_hold.h"
#include "target/inherited_signals.h"
#include "target/letting_go.h"
#include "target/passed_signals.h"
#include "target/paused_threads.h"
#include "target/process_directory.h"
#include "target/ptrace_request.h"
#include "target/running_programs.h"
#include "target/thread_registers.h"
#include "target/traced_child.h"
#include "target/traced_options.h"
#include "target/watched_process.h"

namespace goshawk::target {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::milliseconds(1000);  // with threads that do not come

class Watch : public ProgramHolder {
 public:
  Watch(const StartRequest& request, const std::function<void(const EndingProcess&)>& at_end)
      : request_(request), at_end_(at_end) {}
  Watch(const Watch&) = delete;
  ~Watch() override {
    ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
    ::sigaction(SIGCHLD, &old_child_action_, nullptr);
  }

  Result<Ended> run();

  std::vector<std::int64_t> list_programs() const override;
  void begin_hold(std::int64_t pid) override;
  Result<std::optional<std::vector<Thread>>> look_at_held(std::int64_t pid) override;
  bool end_hold(std::int64_t pid) override;

 private:
  Result<void> start();
  void watch();
  void take_events();
  void stopped(std::int64_t tid, int status);
  void at_signal(std::int64_t tid, int signal);
  void at_new_process_or_thread(std::int64_t tid);
  void at_new_thread(std::int64_t tid);
  void announce_child(std::int64_t tid);
  void at_exec(std::int64_t tid);
  void at_thread_end(std::int64_t tid);
  void gone(std::int64_t tid, int status);
  void look_at_ending();
  void finish(std::int64_t pid, WatchedProcess& process, std::string incomplete);
  void wait_for_signal();
  void pass_on_signals();
  WatchedProcess* find_process_of(std::int64_t tid) {
    return processes_.find(processes_.process_of(tid));
  }
  // The program itself dies with us anyway.
  bool dies_with_us(const WatchedProcess& process) const {
    return process.threads.contains(child_);
  }

  const StartRequest& request_;
  const std::function<void(const EndingProcess&)>& at_end_;
  sigset_t old_mask_{}, waited_for_{};
  struct sigaction old_child_action_{};
  TracedChild program_;
  std::int64_t child_ = 0;  // its number
  std::optional<int> child_status_;
  bool takes_steps_ = false;  // it is asked for something that is not done yet
  std::set<std::string> without_privileges_;
  RunningPrograms running_{*this};
  WatchedProcesses processes_;
  ExitHold exit_hold_{request_.find_exits, processes_};
  std::set<std::int64_t> announced_;  // children that are traced, and have not stopped at first yet
  PassedSignals signals_;
};

// Who is asked to look at it meanwhile ends before what is still held for it is let go.
Result<Ended> Watch::run() {
  TRY_VOID(start());
  {
    std::jthread beside;
    if (request_.beside) beside = std::jthread([this] { request_.beside(running_); });
    watch();
    running_.close();
  }
  for (auto& [pid, process] : processes_.all()) {
    if (process.holding) end_pause(process);
    ExitHold::release(process);
  }
  Ended ended{.wait_status = *child_status_, .without_privileges = without_privileges_};
  if (::read(program_.exec_error.get(), &ended.not_started, sizeof(int)) != sizeof(int))
    ended.not_started = 0;
  ended.left = let_children_go(processes_, announced_);
  constexpr timespec kNow{};
  while (::sigtimedwait(&waited_for_, nullptr, &kNow) > 0) {  // there is nobody to tell any more
  }
  return ended;
}

void Watch::watch() {
  while (!child_status_) {
    take_events();
    if (child_status_) break;
    look_at_ending();
    pass_on_signals();
    takes_steps_ = running_.serve();
    wait_for_signal();
  }
}

Result<void> Watch::start() {
  ::sigemptyset(&waited_for_);
  ::sigaddset(&waited_for_, SIGCHLD);
  for (int signal : kPassedSignals) ::sigaddset(&waited_for_, signal);
  ::sigprocmask(SIG_BLOCK, &waited_for_, &old_mask_);
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;  // ignored, it would not be told of
  ::sigaction(SIGCHLD, &usual, &old_child_action_);
  long options = (request_.children   ? kOptionsForChildren
                  : request_.at_child ? kOptionsToSeeChildren
                                      : kTracedOptions) |
                 PTRACE_O_EXITKILL;
  program_ = TRY(start_traced(request_.command, request_.environment, options, [this] {
    ::sigaction(SIGCHLD, &old_child_action_, nullptr);
    restore_inherited_signals();
    ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
  }));
  child_ = program_.pid;
  processes_.add(child_);
  return {};
}

void Watch::take_events() {
  int status = 0;
  while (!child_status_) {
    pid_t tid = ::waitpid(-1, &status, WNOHANG | __WALL);
    if (tid <= 0) {
      if (tid < 0 && errno == ECHILD) child_status_ = 0;  // unreachable: it is our child
      return;
    }
    if (WIFSTOPPED(status))
      stopped(tid, status);
    else
      gone(tid, status);
  }
}

void Watch::stopped(std::int64_t tid, int status) {
  int signal = WSTOPSIG(status), event = status >> 16;
  switch (event) {
    case 0:
      return at_signal(tid, signal);
    case PTRACE_EVENT_EXIT:
      return at_thread_end(tid);
    case PTRACE_EVENT_EXEC:
      return at_exec(tid);
    case PTRACE_EVENT_STOP:
      if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU)
        return listen_to_thread(find_process_of(tid), tid);
      return at_new_thread(tid);
    case PTRACE_EVENT_VFORK_DONE:
      if (auto child = read_event_message(tid); child && request_.at_child)
        request_.at_child(*child);
      return continue_thread(find_process_of(tid), tid);
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
      announce_child(tid);
      return at_new_process_or_thread(tid);
    default:
      return at_new_process_or_thread(tid);
  }
}

void Watch::at_new_process_or_thread(std::int64_t tid) {
  std::int64_t pid = processes_.process_of(tid);
  WatchedProcess* process = processes_.find(pid);
  if (process != nullptr) exit_hold_.prepare(pid, tid, dies_with_us(*process));
  continue_thread(process, tid);
}

void Watch::at_signal(std::int64_t tid, int signal) {
  if (exit_hold_.take_signal(tid, signal)) return;
  if (PassedSignals::is_one(signal) && processes_.process_of(tid) == child_)
    if (auto info = read_signal_info(tid)) signals_.seen(signal, info->si_pid, Clock::now());
  continue_thread(find_process_of(tid), tid, signal);
}

void Watch::announce_child(std::int64_t tid) {
  auto child = read_event_message(tid);
  if (child && !processes_.knows(*child)) announced_.insert(*child);
}

// Or it goes on after a stop that was no job control's. A process is let go unless it is wanted.
void Watch::at_new_thread(std::int64_t tid) {
  announced_.erase(tid);
  bool known = processes_.knows(tid);
  std::int64_t pid = processes_.process_of(tid);
  WatchedProcess* process = processes_.find(pid);
  if (process == nullptr) return continue_thread(nullptr, tid);
  if (known || pid == child_ || request_.children) {
    if (!known && tid == pid) request_of_thread(PTRACE_SETOPTIONS, tid, kOptionsForChildren);
    ExitHold::arm(tid, *process, dies_with_us(*process));
    return continue_thread(process, tid);
  }
  request_of_thread(PTRACE_DETACH, tid);
  processes_.forget(pid);
}

void Watch::at_exec(std::int64_t tid) {
  processes_.restart(tid);
  if (tid != child_) request_of_thread(PTRACE_SETOPTIONS, tid, kOptionsForChildren);
  auto directory = ProcessDirectory::open(tid);
  if (directory && lacks_privileges(*directory))
    without_privileges_.insert(directory->read_link("exe").value_or(""));
  request_of_thread(PTRACE_CONT, tid);
}

void Watch::at_thread_end(std::int64_t tid) {
  WatchedProcess* process = find_process_of(tid);
  if (process == nullptr || read_stopped_system_call(tid) == SYS_exit) {
    processes_.forget_thread(tid);
    request_of_thread(PTRACE_CONT, tid);
    return;
  }
  if (!process->ends_since) process->ends_since = Clock::now();
  if (process->exiting && process->exiting->thread == tid) process->exiting->held = false;
  process->wait_status = static_cast<int>(read_event_message(tid).value_or(0));
  if (auto registers = read_thread_registers(tid))
    process->held[tid] = *std::move(registers);
  else
    process->unread.insert(tid);
}

void Watch::gone(std::int64_t tid, int status) {
  announced_.erase(tid);
  if (processes_.knows(tid))
    if (WatchedProcess* process = find_process_of(tid)) {
      if (!process->held.contains(tid) && process->ends_since) process->lost = true;
      process->held.erase(tid);
      process->paused.erase(tid);
      if (process->exiting && process->exiting->thread == tid) process->exiting->held = false;
      processes_.forget_thread(tid);
    }
  if (tid == child_) child_status_ = status;
  if (processes_.find(tid) != nullptr) processes_.forget(tid);
}

void Watch::look_at_ending() {
  for (auto& [pid, process] : processes_.all()) {
    if (process.is_held_at_exit()) ExitHold::look(pid, process);
    if (!process.ends_since) continue;
    if (processes_.have_all_come(pid, process)) {
      bool whole = process.unread.empty() && !process.lost;
      finish(pid, process, whole ? "" : "not all of its threads could be read");
    } else if (waits_in_exec(pid, process)) {
      processes_.let_held_go(process);
    } else if (Clock::now() - *process.ends_since > kPatience) {
      finish(pid, process, "a thread of it did not stop at its end");
    }
  }
}

void Watch::finish(std::int64_t pid, WatchedProcess& process, std::string incomplete) {
  EndingProcess ending{.pid = pid,
                       .wait_status = process.wait_status,
                       .rested = process.rested,
                       .watched = !process.armed.empty(),
                       .came = process.exiting.has_value(),
                       .incomplete = std::move(incomplete)};
  if (!is_killed(process.wait_status))
    for (auto& [tid, thread] : process.held) ending.threads.push_back(std::move(thread));
  if (process.executes) at_end_(ending);
  processes_.let_held_go(process);
}

// Until something is told, or is due.
void Watch::wait_for_signal() {
  bool due = signals_.is_waiting() || takes_steps_ ||
             std::ranges::any_of(processes_.all(), [](const auto& process) {
               return process.second.ends_since.has_value() || process.second.is_held_at_exit();
             });
  constexpr timespec kSoon{.tv_sec = 0, .tv_nsec = 300'000};
  siginfo_t info{};
  int signal =
      due ? ::sigtimedwait(&waited_for_, &info, &kSoon) : ::sigwaitinfo(&waited_for_, &info);
  if (signal <= 0 || signal == SIGCHLD) return;
  if (request_.beside) {
    running_.note_signal(signal);
    if (signal == kForUs) return;
  }
  // The terminal's reach the whole foreground group.
  bool by_kernel = info.si_code > 0;
  if (by_kernel && ::getpgid(static_cast<pid_t>(child_)) == ::getpgrp()) return;
  signals_.received(signal, by_kernel ? 0 : info.si_pid, Clock::now());
}

void Watch::pass_on_signals() {
  for (int signal : signals_.take_due(Clock::now())) ::kill(static_cast<pid_t>(child_), signal);
}

// ---- pictures while it runs ----

std::vector<std::int64_t> Watch::list_programs() const {
  std::vector<std::int64_t> programs;
  for (const auto& [pid, process] : processes_.all())
    if (process.executes && !process.ends_since) programs.push_back(pid);
  return programs;
}

void Watch::begin_hold(std::int64_t pid) {
  WatchedProcess* process = processes_.find(pid);
  if (process != nullptr && !process->exiting) begin_pause(*process);
}

Result<std::optional<std::vector<Thread>>> Watch::look_at_held(std::int64_t pid) {
  WatchedProcess* process = processes_.find(pid);
  bool there = process != nullptr && process->holding && !process->ends_since && !process->exiting;
  auto directory = there ? ProcessDirectory::open(pid) : std::nullopt;
  if (directory) return find_paused(*directory, *process);
  end_hold(pid);
  return fail(
      Missing{fmt::format("process {} ends, or executes another program, just now", pid), ""});
}

bool Watch::end_hold(std::int64_t pid) {
  WatchedProcess* process = processes_.find(pid);
  bool is_ours =
      process != nullptr && process->holding && !(process->exiting && process->exiting->is_paused);
  return is_ours && end_pause(*process);
}

}  // namespace

Result<Ended> run_to_end(const StartRequest& request,
                         const std::function<void(const EndingProcess&)>& at_end) {
  return Watch(request, at_end).run();
}

}  // namespace goshawk::target
