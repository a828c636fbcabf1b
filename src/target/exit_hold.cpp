// Where the processor has breakpoints, a program's exit is held at the first of its instructions
// until no thread of it runs any more, or they have run for 15 ms: the scheduler puts what can run
// on one that sleeps. Then all its threads are paused, and its runtime is asked whether there is
// still something on its way: a goroutine that has not begun, a stack that is being moved, a lock
// that is held. If so they go on for a millisecond, and are looked at again. At the last
// instruction they stay paused: what was seen to be at rest is what the end shows.
//
// With a single processor (GOMAXPROCS=1) the thread that is held has it, and nothing else can run.
// But the scheduler wants it back after ten milliseconds (a SIGURG is pending then), and has it
// when the first of the two functions begins: there it goes on, and is held again at the last one.
// Not so up to Go 1.19, whose first function asks nobody.
//
// A process that has breakpoints dies with us: it would die of them where it ends.
#include "target/exit_hold.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/hardware_breakpoints.h"
#include "target/paused_threads.h"
#include "target/process_directory.h"
#include "target/ptrace_request.h"
#include "target/thread_registers.h"
#include "target/traced_options.h"

namespace goshawk::target {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// For what still runs at its end: so long on a processor, or not even that while others have it.
constexpr std::chrono::nanoseconds kGrace = milliseconds(15);
constexpr auto kLongestGrace = milliseconds(150);
constexpr auto kGraceOfCollections = milliseconds(75);
constexpr auto kLongestUnrest = milliseconds(500);  // if more is on its way then, that is said
constexpr auto kUntilAsked = milliseconds(100);     // sysmon sleeps for ten of them at most
constexpr auto kBetweenPauses = milliseconds(1);
constexpr auto kLongestPause = milliseconds(50);  // with threads that do not come

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

bool is_at_rest(std::int64_t pid, const WatchedProcess& process) {
  auto directory = ProcessDirectory::open(pid);
  if (!directory) return true;
  return std::ranges::all_of(directory->list_threads(), [&](std::int64_t tid) {
    char state = tid == process.exiting->thread ? 'S' : read_thread_state(*directory, tid);
    return state == 'S' || state == 'Z' || state == 'X' || state == '\0';
  });
}

bool has_had_its_time(std::int64_t pid, const WatchedProcess& process) {
  auto since = Clock::now() - process.exiting->since;
  if (since < kGrace) return false;
  auto run = read_run_time(pid);
  return !run || *run - process.exiting->run_before >= kGrace || since >= kLongestGrace;
}

// Whether the scheduler has asked it for its processor.
bool is_to_yield(std::int64_t pid, std::int64_t tid) {
  auto directory = ProcessDirectory::open(pid);
  std::string status =
      directory ? directory->read_file(fmt::format("task/{}/status", tid).c_str()).value_or("")
                : "";
  std::string_view pending = find_status_field(status, "SigPnd");
  std::uint64_t signals = 0;
  std::from_chars(pending.data(), pending.data() + pending.size(), signals, 16);
  return (signals >> (SIGURG - 1) & 1) != 0;
}

// What would not change any more however long it is waited for, or has not. A program that
// collects without a pause may have to be taken as it is.
bool will_do(Rest rest, std::int64_t pid, const WatchedProcess::Exiting& exiting) {
  auto since = Clock::now() - exiting.since;
  if (rest == Rest::kFull || since >= kLongestUnrest) return true;
  if (rest == Rest::kCollecting && since >= kGraceOfCollections) return true;
  if (exiting.at_last) return exiting.unsettled_at_rest >= 5;
  return is_to_yield(pid, exiting.thread) ||
         (exiting.unsettled_at_rest > 0 && since >= kUntilAsked);
}

}  // namespace

void ExitHold::prepare(std::int64_t pid, std::int64_t tid, bool dies_with_us) {
  WatchedProcess* process = processes_.find(pid);
  if (process == nullptr || process->exits || !process->executes) return;
  process->exits = find_exits_ ? find_exits_(pid) : Exits();
  arm(tid, *process, dies_with_us);
  if (process->exits->instructions.empty()) return;
  for (std::int64_t other : process->threads)  // it has stopped once already
    if (other != tid) request_of_thread(PTRACE_INTERRUPT, other);
}

void ExitHold::arm(std::int64_t tid, WatchedProcess& process, bool dies_with_us) {
  if (!process.exits || process.exits->instructions.empty() || process.armed.contains(tid)) return;
  if (!dies_with_us)
    request_of_thread(PTRACE_SETOPTIONS, tid, kOptionsForChildren | PTRACE_O_EXITKILL);
  if (set_breakpoints(tid, process.exits->instructions))
    process.armed.insert(tid);
  else
    process.exits->instructions.clear();
}

// The first thread that comes there is held, and then the first one that comes to the last
// instruction: the goroutine may have gone over to another thread.
bool ExitHold::take_signal(std::int64_t tid, int signal) {
  if (signal != SIGTRAP) return false;
  std::int64_t pid = processes_.process_of(tid);
  WatchedProcess* process = processes_.find(pid);
  if (process == nullptr || !process->armed.contains(tid)) return false;
  auto info = read_signal_info(tid);
  if (!info || info->si_code != TRAP_HWBKPT) return false;
  auto registers = read_thread_registers(tid);
  bool at_last = registers && process->exits->last == registers->pc;
  if (!process->exiting) {
    WatchedProcess::Exiting exiting;
    exiting.since = Clock::now();
    exiting.run_before = read_run_time(pid).value_or(std::chrono::nanoseconds(0));
    process->exiting = exiting;
  } else if (process->exiting->held || !at_last) {
    return pass(*process, tid, at_last);
  }
  process->exiting->thread = tid;
  process->exiting->held = true;
  process->exiting->at_last = at_last;
  process->exiting->restful_looks = process->exiting->unsettled_at_rest = 0;
  return true;
}

// It stops at the last instruction only, if it has that before it.
bool ExitHold::pass(WatchedProcess& process, std::int64_t tid, bool at_last) {
  std::vector<Address> to_come;
  if (process.exits->last && !at_last) to_come.push_back(*process.exits->last);
  set_breakpoints(tid, to_come);
  continue_thread(&process, tid);
  return true;
}

// A thread that was woken a moment ago may look asleep once, not three times.
void ExitHold::look(std::int64_t pid, WatchedProcess& process) {
  constexpr int kEnough = 3;
  WatchedProcess::Exiting& exiting = *process.exiting;
  if (process.ends_since) return;  // it is killed
  if (exiting.is_paused) return look_at_paused(pid, process);
  exiting.restful_looks = is_at_rest(pid, process) ? exiting.restful_looks + 1 : 0;
  if (exiting.restful_looks < kEnough && !has_had_its_time(pid, process)) return;
  if (!process.exits->look) return let_go(process, Rest::kFull);
  if (process.holding || Clock::now() < exiting.next_pause) return;
  exiting.is_paused = true;
  exiting.paused_since = Clock::now();
  begin_pause(process, exiting.thread);
}

void ExitHold::look_at_paused(std::int64_t pid, WatchedProcess& process) {
  WatchedProcess::Exiting& exiting = *process.exiting;
  auto directory = ProcessDirectory::open(pid);
  auto threads = directory ? find_paused(*directory, process, exiting.thread) : std::nullopt;
  if (!threads && Clock::now() - exiting.paused_since < kLongestPause) return;
  if (exiting.restful_looks > 0) ++exiting.unsettled_at_rest;
  Rest rest = threads ? process.exits->look(*threads) : Rest::kNone;
  if (will_do(rest, pid, exiting)) return let_go(process, rest);
  exiting.is_paused = false;
  exiting.restful_looks = 0;
  exiting.next_pause = Clock::now() + kBetweenPauses;
  end_pause(process);
}

void ExitHold::release(WatchedProcess& process) {
  if (!process.is_held_at_exit()) return;
  process.exiting->held = process.exiting->is_paused = false;
  clear_breakpoints(process.exiting->thread);
  request_of_thread(PTRACE_CONT, process.exiting->thread);
}

void ExitHold::let_go(WatchedProcess& process, Rest rest) {
  WatchedProcess::Exiting& exiting = *process.exiting;
  process.rested = rest != Rest::kNone;
  exiting.held = false;
  if (exiting.is_paused && exiting.at_last)
    leave_paused(process);
  else if (exiting.is_paused)
    end_pause(process);
  exiting.is_paused = false;
  pass(process, exiting.thread, exiting.at_last);
}

}  // namespace goshawk::target
