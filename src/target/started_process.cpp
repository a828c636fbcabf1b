// One loop, in one thread, takes what the kernel tells of the program's threads:
//   a signal on its way    it goes on with that signal
//   a group stop           it stays stopped until SIGCONT (PTRACE_LISTEN)
//   a new thread, an exec  it goes on
//   the end of a thread    alone, by SYS_exit: it goes on. Else its process ends: it is held, with
//                          its registers, until all the others are; their SIGKILL is taken already
//
// For a picture while it runs all threads of a process are interrupted, and how each of them would
// have gone on is kept until the picture is taken.
//
// Where the processor has breakpoints, a program's exit is held at the first of its instructions
// until no thread of it runs any more, or they have run for 15 ms: the scheduler puts what can run
// on one that sleeps. A process that has breakpoints dies with us: it would die of them where it
// ends. They are taken from those that are let go.
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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "target/file_descriptor.h"
#include "target/hardware_breakpoints.h"
#include "target/inherited_signals.h"
#include "target/passed_signals.h"
#include "target/process_directory.h"
#include "target/running_programs.h"
#include "target/thread_registers.h"
#include "target/traced_child.h"

namespace goshawk::target {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr long kOptions = PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
constexpr long kOptionsForChildren = kOptions | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
// For what still runs at its end: so long on a processor, or not even that while others have it.
constexpr std::chrono::nanoseconds kGrace = milliseconds(15);
constexpr auto kLongestGrace = milliseconds(150);
constexpr auto kPatience = milliseconds(1000);        // with threads that do not come
constexpr auto kMorePatience = milliseconds(10'000);  // with those that would die with us

long request(int what, std::int64_t tid, std::intptr_t argument = 0) {
  return ::ptrace(static_cast<__ptrace_request>(what), static_cast<pid_t>(tid), nullptr,
                  reinterpret_cast<void*>(argument));  // NOLINT(performance-no-int-to-ptr)
}

// The system call that a thread waits in; none, or unknown: -1.
long read_system_call(std::int64_t pid, std::int64_t tid) {
  auto directory = ProcessDirectory::open(pid);
  auto text =
      directory ? directory->read_file(fmt::format("task/{}/syscall", tid).c_str()) : std::nullopt;
  return text ? parse_decimal(*text).value_or(-1) : -1;
}

// How long its threads have run, together; no value: the kernel does not say.
std::optional<std::chrono::nanoseconds> read_run_time(std::int64_t pid) {
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return std::nullopt;
  std::chrono::nanoseconds all{};
  for (std::int64_t tid : directory->list_threads()) {
    auto text = directory->read_file(fmt::format("task/{}/schedstat", tid).c_str());
    auto ran = text ? parse_decimal(*text) : std::nullopt;
    if (!ran) return std::nullopt;
    all += std::chrono::nanoseconds(*ran);
  }
  return all;
}

// Whether its executable was to make it run as somebody else, and it does not.
bool lacks_privileges(const ProcessDirectory& directory) {
  struct stat executable{};
  if (::fstatat(directory.fd(), "exe", &executable, 0) != 0) return false;
  std::string status = directory.read_file("status").value_or("");
  std::string_view users = find_status_field(status, "Uid");  // real, effective, ...
  users.remove_prefix(std::min(users.find('\t') + 1, users.size()));
  return (executable.st_mode & S_ISUID) != 0 && find_status_field(status, "NoNewPrivs") != "1" &&
         parse_decimal(users) != std::int64_t{executable.st_uid};
}

constexpr std::int64_t kHasExited = -1;

// How a thread that is held for a picture goes on.
struct Paused {
  int signal = 0;
  bool listens = false;  // it is in a group stop
};

struct Process {
  std::set<std::int64_t> threads;       // that may still come to their end
  std::map<std::int64_t, Thread> held;  // those that have come there together
  std::set<std::int64_t> unread;        // of these
  std::optional<Clock::time_point> ends_since;
  int wait_status = 0;
  std::optional<std::vector<Address>> exits;  // once they were looked for
  std::set<std::int64_t> armed;               // threads with breakpoints there
  std::int64_t exiting = 0;  // the thread that is held at one of them, or kHasExited
  Clock::time_point exiting_since;
  std::chrono::nanoseconds run_at_exit{};  // of all its threads, until then
  int restful_looks = 0;
  bool rested = false;   // all in it had come to rest at its exit, or had been given its time
  bool holding = false;  // for a picture: threads that stop stay so
  std::map<std::int64_t, Paused> paused;  // those that have
  bool lost = false;                      // a thread ended unseen
  bool executes = false;                  // a program of its own, and is no copy of who started it
};

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
  void go_on(std::int64_t tid, int signal = 0);
  void listen(std::int64_t tid);
  void take_events();
  void take(std::int64_t tid, int status);
  void stopped(std::int64_t tid, int status);
  void at_signal(std::int64_t tid, int signal);
  void at_new_thread(std::int64_t tid);
  void announce_child(std::int64_t tid);
  void at_exec(std::int64_t tid);
  void at_thread_end(std::int64_t tid);
  void at_new_process_or_thread(std::int64_t tid);
  void arm(std::int64_t tid, Process& process);
  bool is_at_exit(std::int64_t tid, int signal);
  bool is_at_rest(std::int64_t pid, const Process& process) const;
  void look_at_exiting(std::int64_t pid, Process& process);
  static bool has_had_its_time(std::int64_t pid, const Process& process);
  void gone(std::int64_t tid, int status);
  void look_at_ending();
  bool have_all_come(std::int64_t pid, Process& process);
  void finish(std::int64_t pid, Process& process, std::string incomplete);
  void let_held_go(Process& process);
  void wait_for_signal();
  void pass_on_signals();
  static bool detach_when_stopped(std::int64_t tid, Clock::time_point until, bool armed = false);
  std::uint64_t let_child_go(Process& process);
  std::uint64_t let_children_go();
  std::int64_t process_of(std::int64_t tid);

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
  std::map<std::int64_t, Process> processes_;
  std::map<std::int64_t, std::int64_t> process_of_;  // by thread
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
  for (auto& [pid, process] : processes_)
    if (process.holding) end_hold(pid);
  Ended ended{.wait_status = *child_status_, .without_privileges = without_privileges_};
  if (::read(program_.exec_error.get(), &ended.not_started, sizeof(int)) != sizeof(int))
    ended.not_started = 0;
  ended.left = let_children_go();
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
  long options = (request_.children ? kOptionsForChildren : kOptions) | PTRACE_O_EXITKILL;
  program_ = TRY(start_traced(request_.command, request_.environment, options, [this] {
    ::sigaction(SIGCHLD, &old_child_action_, nullptr);
    restore_inherited_signals();
    ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
  }));
  child_ = program_.pid;
  processes_[child_].threads = {child_};
  process_of_[child_] = child_;
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
    take(tid, status);
  }
}

void Watch::take(std::int64_t tid, int status) {
  if (WIFSTOPPED(status))
    stopped(tid, status);
  else
    gone(tid, status);
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
      if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU) {
        process_of(tid);
        return listen(tid);
      }
      return at_new_thread(tid);
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
      announce_child(tid);
      return at_new_process_or_thread(tid);
    default:
      return at_new_process_or_thread(tid);
  }
}

// Its program runs by now: where it is, and what it holds, can be told.
void Watch::at_new_process_or_thread(std::int64_t tid) {
  std::int64_t pid = process_of(tid);
  auto found = processes_.find(pid);
  if (found != processes_.end() && !found->second.exits && found->second.executes) {
    Process& process = found->second;
    process.exits = request_.find_exits ? request_.find_exits(pid) : std::vector<Address>();
    arm(tid, process);
    if (!process.exits->empty())
      for (std::int64_t other : process.threads)  // it has stopped once already
        if (other != tid) request(PTRACE_INTERRUPT, other);
  }
  go_on(tid);
}

void Watch::arm(std::int64_t tid, Process& process) {
  if (!process.exits || process.exits->empty() || process.armed.contains(tid)) return;
  if (!process.threads.contains(child_))
    request(PTRACE_SETOPTIONS, tid, kOptionsForChildren | PTRACE_O_EXITKILL);
  if (set_breakpoints(tid, *process.exits))
    process.armed.insert(tid);
  else
    process.exits->clear();
}

// Unless it is held for a picture.
void Watch::go_on(std::int64_t tid, int signal) {
  auto process = processes_.find(process_of(tid));
  if (process != processes_.end() && process->second.holding)
    process->second.paused[tid] = {.signal = signal};
  else
    request(PTRACE_CONT, tid, signal);
}

void Watch::listen(std::int64_t tid) {
  auto process = processes_.find(process_of(tid));
  if (process != processes_.end() && process->second.holding)
    process->second.paused[tid] = {.listens = true};
  else
    request(PTRACE_LISTEN, tid);
}

// The first thread that comes there is held; no thread comes there twice.
bool Watch::is_at_exit(std::int64_t tid, int signal) {
  if (signal != SIGTRAP) return false;
  auto found = processes_.find(process_of(tid));
  if (found == processes_.end() || !found->second.armed.contains(tid)) return false;
  Process& process = found->second;
  siginfo_t info{};
  if (::ptrace(PTRACE_GETSIGINFO, static_cast<pid_t>(tid), nullptr, &info) != 0 ||
      info.si_code != TRAP_HWBKPT)
    return false;
  if (process.exiting == 0) {
    process.exiting = tid;
    process.exiting_since = Clock::now();
    process.run_at_exit = read_run_time(process_of(tid)).value_or(std::chrono::nanoseconds(0));
  } else if (process.exiting != tid) {
    clear_breakpoints(tid);
    go_on(tid);
  }
  return true;
}

bool Watch::is_at_rest(std::int64_t pid, const Process& process) const {
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return true;
  for (std::int64_t tid : directory->list_threads()) {
    if (tid == process.exiting) continue;
    auto stat =
        parse_stat(directory->read_file(fmt::format("task/{}/stat", tid).c_str()).value_or(""));
    if (stat && stat->state != 'S' && stat->state != 'Z' && stat->state != 'X') return false;
  }
  return true;
}

bool Watch::has_had_its_time(std::int64_t pid, const Process& process) {
  auto since = Clock::now() - process.exiting_since;
  if (since < kGrace) return false;
  auto run = read_run_time(pid);
  return !run || *run - process.run_at_exit >= kGrace || since >= kLongestGrace;
}

// A thread that was woken a moment ago may look asleep once, not three times.
void Watch::look_at_exiting(std::int64_t pid, Process& process) {
  constexpr int kEnough = 3;
  process.restful_looks = is_at_rest(pid, process) ? process.restful_looks + 1 : 0;
  if (process.restful_looks < kEnough && !has_had_its_time(pid, process)) return;
  process.rested = true;
  clear_breakpoints(process.exiting);
  request(PTRACE_CONT, process.exiting);
  process.exiting = kHasExited;
}

void Watch::at_signal(std::int64_t tid, int signal) {
  if (is_at_exit(tid, signal)) return;
  siginfo_t info{};
  if (PassedSignals::is_one(signal) && process_of(tid) == child_ &&
      ::ptrace(PTRACE_GETSIGINFO, static_cast<pid_t>(tid), nullptr, &info) == 0)
    signals_.seen(signal, info.si_pid, Clock::now());
  go_on(tid, signal);
}

// Of a thread that is not known yet too, which is a new one; 0: it is gone.
std::int64_t Watch::process_of(std::int64_t tid) {
  auto known = process_of_.find(tid);
  if (known != process_of_.end()) return known->second;
  auto directory = ProcessDirectory::open(tid);
  std::string status = directory ? directory->read_file("status").value_or("") : "";
  std::int64_t pid = parse_decimal(find_status_field(status, "Tgid")).value_or(0);
  if (pid == 0) return 0;
  process_of_[tid] = pid;
  processes_[pid].threads.insert(tid);
  return pid;
}

void Watch::announce_child(std::int64_t tid) {
  unsigned long pid = 0;  // NOLINT(google-runtime-int): as the kernel writes it
  if (::ptrace(PTRACE_GETEVENTMSG, static_cast<pid_t>(tid), nullptr, &pid) != 0) return;
  auto child = static_cast<std::int64_t>(pid);
  if (!process_of_.contains(child)) announced_.insert(child);
}

// Or it goes on after a stop that was no job control's. A process is let go unless it is wanted.
void Watch::at_new_thread(std::int64_t tid) {
  announced_.erase(tid);
  bool known = process_of_.contains(tid);
  std::int64_t pid = process_of(tid);
  if (pid == 0) {
    request(PTRACE_CONT, tid);
    return;
  }
  if (known || pid == child_ || request_.children) {
    if (!known && tid == pid) request(PTRACE_SETOPTIONS, tid, kOptionsForChildren);
    arm(tid, processes_[pid]);
    return go_on(tid);
  }
  request(PTRACE_DETACH, tid);
  processes_.erase(pid);
  process_of_.erase(tid);
}

// All other threads are gone, and it has the number of the first one.
void Watch::at_exec(std::int64_t tid) {
  Process& process = processes_[tid];
  for (std::int64_t other : process.threads) process_of_.erase(other);
  process = Process();
  process.executes = true;
  process.threads = {tid};
  process_of_[tid] = tid;
  if (tid != child_) request(PTRACE_SETOPTIONS, tid, kOptionsForChildren);
  auto directory = ProcessDirectory::open(tid);
  if (directory && lacks_privileges(*directory))
    without_privileges_.insert(directory->read_link("exe").value_or(""));
  request(PTRACE_CONT, tid);
}

void Watch::at_thread_end(std::int64_t tid) {
  std::int64_t pid = process_of(tid);
  auto found = processes_.find(pid);
  if (found == processes_.end() || read_stopped_system_call(tid) == SYS_exit) {
    if (found != processes_.end()) found->second.threads.erase(tid);
    process_of_.erase(tid);
    request(PTRACE_CONT, tid);
    return;
  }
  Process& process = found->second;
  unsigned long message = 0;
  ::ptrace(PTRACE_GETEVENTMSG, static_cast<pid_t>(tid), nullptr, &message);
  if (!process.ends_since) process.ends_since = Clock::now();
  if (process.exiting == tid) process.exiting = kHasExited;  // killed meanwhile
  process.wait_status = static_cast<int>(message);
  if (auto registers = read_thread_registers(tid))
    process.held[tid] = *std::move(registers);
  else
    process.unread.insert(tid);
}

void Watch::gone(std::int64_t tid, int status) {
  announced_.erase(tid);
  auto known = process_of_.find(tid);
  if (known != process_of_.end()) {
    Process& process = processes_[known->second];
    process.threads.erase(tid);
    if (!process.held.contains(tid) && process.ends_since) process.lost = true;
    process.held.erase(tid);
    process.paused.erase(tid);
    if (process.exiting == tid) process.exiting = kHasExited;
    process_of_.erase(known);
  }
  if (tid == child_) child_status_ = status;
  auto process = processes_.find(tid);
  if (process != processes_.end()) processes_.erase(process);
}

// The first thread may have ended before, and waits for the others (a zombie).
bool Watch::have_all_come(std::int64_t pid, Process& process) {
  std::size_t come = process.held.size() + process.unread.size();
  if (process.threads.size() > come) return false;
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return true;
  for (std::int64_t tid : directory->list_threads())
    if (!process.held.contains(tid) && !process.unread.contains(tid)) {
      auto stat =
          parse_stat(directory->read_file(fmt::format("task/{}/stat", tid).c_str()).value_or(""));
      if (stat && stat->state != 'Z' && stat->state != 'X' && !process_of_.contains(tid) &&
          read_system_call(pid, tid) != SYS_exit)
        return false;
    }
  return true;
}

void Watch::look_at_ending() {
  for (auto& [pid, process] : processes_) {
    if (process.exiting > 0) look_at_exiting(pid, process);
    if (!process.ends_since) continue;
    if (have_all_come(pid, process)) {
      bool whole = process.unread.empty() && !process.lost;
      finish(pid, process, whole ? "" : "not all of its threads could be read");
      continue;
    }
    bool is_exec = std::ranges::any_of(process.threads, [&](std::int64_t tid) {
      if (process.held.contains(tid) || process.unread.contains(tid)) return false;
      long call = read_system_call(pid, tid);
      return call == SYS_execve || call == SYS_execveat;
    });
    if (is_exec)
      let_held_go(process);
    else if (Clock::now() - *process.ends_since > kPatience)
      finish(pid, process, "a thread of it did not stop at its end");
  }
}

void Watch::finish(std::int64_t pid, Process& process, std::string incomplete) {
  bool killed = is_killed(process.wait_status);
  EndingProcess ending{.pid = pid,
                       .wait_status = process.wait_status,
                       .rested = process.rested,
                       .incomplete = std::move(incomplete)};
  if (!killed)
    for (auto& [tid, thread] : process.held) ending.threads.push_back(std::move(thread));
  if (process.executes) at_end_(ending);
  let_held_go(process);
}

void Watch::let_held_go(Process& process) {
  for (const auto& [tid, thread] : process.held) request(PTRACE_CONT, tid);
  for (std::int64_t tid : process.unread) request(PTRACE_CONT, tid);
  for (const auto& [tid, thread] : process.held) {
    process.threads.erase(tid);
    process_of_.erase(tid);
  }
  for (std::int64_t tid : process.unread) {
    process.threads.erase(tid);
    process_of_.erase(tid);
  }
  process.held.clear();
  process.unread.clear();
  process.ends_since.reset();
  process.lost = false;
}

// Until something is told, or is due.
void Watch::wait_for_signal() {
  bool due = signals_.is_waiting() || takes_steps_ ||
             std::ranges::any_of(processes_, [](const auto& process) {
               return process.second.ends_since.has_value() || process.second.exiting > 0;
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

// False: it has ended, or does not stop. Breakpoints of it would stay.
bool Watch::detach_when_stopped(std::int64_t tid, Clock::time_point until, bool armed) {
  int status = 0;
  pid_t told = 0;
  while ((told = ::waitpid(static_cast<pid_t>(tid), &status, WNOHANG | __WALL)) == 0 &&
         Clock::now() < until)
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  if (told != tid || !WIFSTOPPED(status)) return false;
  if (armed) clear_breakpoints(tid);
  return request(PTRACE_DETACH, tid, status >> 16 == 0 ? WSTOPSIG(status) : 0) == 0;
}

// 1: it runs on.
std::uint64_t Watch::let_child_go(Process& process) {
  let_held_go(process);
  bool armed = !process.armed.empty(), alive = false;
  auto until = Clock::now() + (armed ? kMorePatience : kPatience);
  for (std::int64_t tid : process.threads)
    if (request(PTRACE_INTERRUPT, tid) == 0) {
      detach_when_stopped(tid, until, armed);
      alive = true;
    }
  return alive ? 1 : 0;
}

// Those that end just now go on to do so. What does not stop for us in time the kernel lets go when
// we end.
std::uint64_t Watch::let_children_go() {
  std::uint64_t count = 0;
  for (auto& [pid, process] : processes_) count += let_child_go(process);
  auto until = Clock::now() + kPatience;
  for (std::int64_t pid : announced_) count += detach_when_stopped(pid, until) ? 1 : 0;
  return count;
}

// ---- pictures while it runs ----

std::vector<std::int64_t> Watch::list_programs() const {
  std::vector<std::int64_t> programs;
  for (const auto& [pid, process] : processes_)
    if (process.executes && !process.ends_since) programs.push_back(pid);
  return programs;
}

void Watch::begin_hold(std::int64_t pid) {
  auto found = processes_.find(pid);
  if (found == processes_.end()) return;
  found->second.holding = true;
  for (std::int64_t tid : found->second.threads) request(PTRACE_INTERRUPT, tid);
}

// A listing without one that runs has no more to come: who could make another is stopped.
Result<std::optional<std::vector<Thread>>> Watch::look_at_held(std::int64_t pid) {
  auto found = processes_.find(pid);
  bool there = found != processes_.end() && found->second.holding && !found->second.ends_since &&
               found->second.exiting == 0;
  auto directory = there ? ProcessDirectory::open(pid) : std::nullopt;
  if (!directory) {
    end_hold(pid);
    return fail(
        Missing{fmt::format("process {} ends, or executes another program, just now", pid), ""});
  }
  std::vector<Thread> threads;
  for (std::int64_t tid : directory->list_threads()) {
    if (!found->second.paused.contains(tid)) {
      auto stat =
          parse_stat(directory->read_file(fmt::format("task/{}/stat", tid).c_str()).value_or(""));
      if (stat && (stat->state == 'Z' || stat->state == 'X')) continue;
      return std::nullopt;
    }
    auto registers = read_thread_registers(tid);
    if (!registers) return std::nullopt;  // it was killed a moment ago
    threads.push_back(*std::move(registers));
  }
  return threads;
}

bool Watch::end_hold(std::int64_t pid) {
  auto found = processes_.find(pid);
  if (found == processes_.end() || !found->second.holding) return false;
  Process& process = found->second;
  process.holding = false;
  bool intact = !process.ends_since;
  for (const auto& [tid, how] : process.paused)
    intact = request(how.listens ? PTRACE_LISTEN : PTRACE_CONT, tid, how.signal) == 0 && intact;
  process.paused.clear();
  return intact;
}

}  // namespace

Result<Ended> run_to_end(const StartRequest& request,
                         const std::function<void(const EndingProcess&)>& at_end) {
  return Watch(request, at_end).run();
}

}  // namespace goshawk::target
