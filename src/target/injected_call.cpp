// The order, for a thread that was interrupted in its wait (PTRACE_EVENT_STOP, on its way back to
// user mode, where the kernel will restart the call):
//   1. registers: back to its own `syscall` instruction, with another number and arguments;
//      orig_rax = -1, so that the kernel restarts nothing
//   2. on to the call's entry, to the event of a new process if it makes one, to the call's exit:
//      stops that carry no signal (PTRACE_O_TRACESYSGOOD; a single step would leave a SIGTRAP that
//      kills the target if we die just then)
//   3. registers as they were, and interrupted again: the stop that it was in before, on the same
//      way back, where the kernel restarts its own wait
// A signal that is pending keeps the thread from 2: it is noted, for the detach to deliver.
#include "target/injected_call.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "target/ptrace_stop.h"

#ifndef PTRACE_O_SUSPEND_SECCOMP
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#endif

namespace goshawk::target {

#if defined(__x86_64__)

namespace {

using std::chrono::microseconds;
using Clock = std::chrono::steady_clock;

// Making a twin of a very large process takes a second; nothing else here takes a millisecond.
constexpr auto kLongest = std::chrono::seconds(20);
constexpr std::uint64_t kUserCode = 0x33;  // cs of a 64-bit thread
constexpr int kSyscallStop = SIGTRAP | 0x80;

struct Stopped {
  bool gone = false;
  int signal = 0;  // or kSyscallStop
  int event = 0;
};

// nullopt: it does not stop.
std::optional<Stopped> wait_for_stop(std::int64_t tid) {
  auto end = Clock::now() + kLongest;
  auto pause = microseconds(0);
  for (int round = 0;; ++round) {
    siginfo_t info = peek(tid, WEXITED | WSTOPPED);
    if (has_exited(info)) return Stopped{.gone = true};
    if (info.si_pid != 0)
      return Stopped{.signal = info.si_status & 0xff, .event = info.si_status >> 8};
    if (round < 32) {
      ::sched_yield();
      continue;
    }
    if (Clock::now() > end) return std::nullopt;
    pause = std::min(pause + microseconds(10), microseconds(200));
    std::this_thread::sleep_for(pause);
  }
}

bool request(__ptrace_request what, std::int64_t tid, std::uint64_t data = 0) {
  auto pointer = reinterpret_cast<void*>(data);  // NOLINT(performance-no-int-to-ptr)
  return ::ptrace(what, static_cast<pid_t>(tid), nullptr, pointer) == 0;
}

bool read_registers(std::int64_t tid, user_regs_struct& into) {
  return ::ptrace(PTRACE_GETREGS, static_cast<pid_t>(tid), nullptr, &into) == 0;
}

bool write_registers(std::int64_t tid, user_regs_struct& from) {
  return ::ptrace(PTRACE_SETREGS, static_cast<pid_t>(tid), nullptr, &from) == 0;
}

// It was interrupted in a call that the kernel would make again.
bool waits_in_call(const user_regs_struct& registers) {
  constexpr std::int64_t kRestartFirst = 512, kRestartLast = 516;  // ERESTARTSYS ... RESTARTBLOCK
  auto result = -static_cast<std::int64_t>(registers.rax);
  return registers.cs == kUserCode && static_cast<std::int64_t>(registers.orig_rax) >= 0 &&
         result >= kRestartFirst && result <= kRestartLast;
}

user_regs_struct registers_for(const SystemCall& call, Address instruction,
                               user_regs_struct registers) {
  registers.rip = instruction.value();
  registers.rax = call.number;
  registers.orig_rax = ~std::uint64_t{0};
  registers.rdi = call.arguments[0];
  registers.rsi = call.arguments[1];
  registers.rdx = call.arguments[2];
  registers.r10 = call.arguments[3];
  registers.r8 = call.arguments[4];
  registers.r9 = call.arguments[5];
  return registers;
}

class Injection {
 public:
  explicit Injection(TracedThread& thread) : thread_(thread) {}

  Result<CallOutcome> make(Address instruction, const SystemCall& call);

 private:
  Result<CallOutcome> run(CallOutcome& outcome);
  Result<void> take_new_process(CallOutcome& outcome) const;
  Result<void> return_to_wait();
  Error explain(const char* what) const {
    return Missing{fmt::format("thread {} {}", thread_.tid, what), "making a twin"};
  }

  TracedThread& thread_;
};

Result<CallOutcome> Injection::make(Address instruction, const SystemCall& call) {
  user_regs_struct before{};
  if (!read_registers(thread_.tid, before)) return fail(explain("is gone"));
  // What a filter of the target would do to the call is not to be tried: it may end the process.
  if (!request(PTRACE_SETOPTIONS, thread_.tid,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                   (thread_.filtered ? PTRACE_O_SUSPEND_SECCOMP : 0)))
    return fail(Denied{thread_.filtered
                           ? "it runs under a seccomp filter, which may be suspended with "
                             "CAP_SYS_ADMIN only"
                           : "the kernel refuses the options of ptrace",
                       ""});
  user_regs_struct changed = registers_for(call, instruction, before);
  if (!write_registers(thread_.tid, changed)) return fail(explain("is gone"));
  CallOutcome made;
  auto outcome = run(made);
  if (!outcome && made.new_process != 0)  // nobody else knows of it
    ::kill(static_cast<pid_t>(made.new_process), SIGKILL);
  if (!write_registers(thread_.tid, before)) return fail(explain("ended"));
  if (thread_.signal == 0)
    if (auto returned = return_to_wait(); !returned) {  // it ends, and so does what it made
      if (made.new_process != 0) ::kill(static_cast<pid_t>(made.new_process), SIGKILL);
      return fail(std::move(returned).error());
    }
  request(PTRACE_SETOPTIONS, thread_.tid);
  return outcome;
}

// From the changed registers to the call's exit.
Result<CallOutcome> Injection::run(CallOutcome& outcome) {
  bool entered = false;
  while (true) {
    if (!request(PTRACE_SYSCALL, thread_.tid)) return fail(explain("ended"));
    auto stopped = wait_for_stop(thread_.tid);
    if (!stopped) return fail(explain("does not come back from the call"));
    if (stopped->gone) return fail(explain("ended"));
    if (stopped->event == PTRACE_EVENT_CLONE || stopped->event == PTRACE_EVENT_FORK) {
      TRY_VOID(take_new_process(outcome));
    } else if (stopped->event == 0 && stopped->signal == kSyscallStop) {
      if (!std::exchange(entered, true)) continue;
      user_regs_struct after{};
      if (!read_registers(thread_.tid, after)) return fail(explain("ended"));
      outcome.result = static_cast<std::int64_t>(after.rax);
      return outcome;
    } else if (stopped->event == 0) {
      thread_.signal = stopped->signal;
      return fail(explain("was sent a signal at that moment"));
    }  // else: an interrupt of ours, taken late
  }
}

// Whatever becomes of us from here on, it is killed then.
Result<void> Injection::take_new_process(CallOutcome& outcome) const {
  unsigned long pid = 0;  // NOLINT(google-runtime-int): as the kernel writes it
  if (::ptrace(PTRACE_GETEVENTMSG, static_cast<pid_t>(thread_.tid), nullptr, &pid) != 0)
    return fail(explain("ended"));
  outcome.new_process = static_cast<std::int64_t>(pid);
  auto stopped = wait_for_stop(outcome.new_process);
  if (!stopped || stopped->gone ||
      !request(PTRACE_SETOPTIONS, outcome.new_process, PTRACE_O_EXITKILL))
    return fail(explain("made a process that is gone at once"));
  return {};
}

// From the call's exit, where the kernel would not restart anything, to where it does.
Result<void> Injection::return_to_wait() {
  if (!request(PTRACE_INTERRUPT, thread_.tid) || !request(PTRACE_CONT, thread_.tid))
    return fail(explain("ended"));
  auto stopped = wait_for_stop(thread_.tid);
  if (!stopped || stopped->gone) return fail(explain("ended"));
  if (stopped->event == 0) thread_.signal = stopped->signal;
  return {};
}

}  // namespace

bool can_inject_calls() { return true; }

std::optional<Address> find_resting_call(const TracedThread& thread,
                                         std::span<const AddressRange> resting) {
  constexpr std::uint64_t kSyscallBytes = 2, kSyscall = 0x050f;
  user_regs_struct registers{};
  if (thread.signal != 0 || !read_registers(thread.tid, registers) || !waits_in_call(registers))
    return std::nullopt;
  Address instruction(registers.rip - kSyscallBytes);
  bool rests = std::ranges::any_of(
      resting, [&](const AddressRange& range) { return range.contains(instruction); });
  if (!rests) return std::nullopt;
  errno = 0;
  auto* at = reinterpret_cast<void*>(instruction.value());  // NOLINT(performance-no-int-to-ptr)
  long code = ::ptrace(PTRACE_PEEKTEXT, static_cast<pid_t>(thread.tid), at, nullptr);  // NOLINT
  if (errno != 0 || (static_cast<std::uint64_t>(code) & 0xffff) != kSyscall) return std::nullopt;
  return instruction;
}

Result<CallOutcome> inject_call(TracedThread& thread, Address instruction, const SystemCall& call) {
  return Injection(thread).make(instruction, call);
}

#else

bool can_inject_calls() { return false; }

std::optional<Address> find_resting_call(const TracedThread&, std::span<const AddressRange>) {
  return std::nullopt;
}

Result<CallOutcome> inject_call(TracedThread&, Address, const SystemCall&) {
  return fail(Missing{"calls made by threads of this architecture", "making a twin"});
}

#endif

}  // namespace goshawk::target
