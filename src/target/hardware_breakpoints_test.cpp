#include "target/hardware_breakpoints.h"

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace goshawk::target {
namespace {

__attribute__((noinline)) void first() { asm volatile(""); }
__attribute__((noinline)) void second() { asm volatile("nop"); }

Address address_of(void (*function)()) {
  return Address(reinterpret_cast<std::uint64_t>(function));
}

// Waits in a ptrace stop; then calls both.
pid_t start() {
  pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  first();
  second();
  ::_exit(5);
}

int go_on(pid_t pid) {
  int status = 0;
  ::ptrace(PTRACE_CONT, pid, nullptr, nullptr);
  ::waitpid(pid, &status, 0);
  return status;
}

TEST(HardwareBreakpoints, AThreadStopsBeforeEachOfThem) {
  pid_t pid = start();
  int status = 0;
  ::waitpid(pid, &status, 0);
  Address both[] = {address_of(first), address_of(second)};
  ASSERT_TRUE(set_breakpoints(pid, both));
  for (Address one : both) {
    status = go_on(pid);
    ASSERT_TRUE(WIFSTOPPED(status));
    EXPECT_EQ(WSTOPSIG(status), SIGTRAP);
    siginfo_t info{};
    ::ptrace(PTRACE_GETSIGINFO, pid, nullptr, &info);
    EXPECT_EQ(info.si_code, TRAP_HWBKPT);
    EXPECT_EQ(address_of(reinterpret_cast<void (*)()>(info.si_addr)), one);
    Address other[] = {address_of(second)};
    if (one == both[0]) {
      ASSERT_TRUE(set_breakpoints(pid, other));
    }
  }
  ASSERT_TRUE(clear_breakpoints(pid));
  status = go_on(pid);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 5);
}

TEST(HardwareBreakpoints, WithoutThemItRunsOn) {
  pid_t pid = start();
  int status = 0;
  ::waitpid(pid, &status, 0);
  Address one[] = {address_of(first)};
  ASSERT_TRUE(set_breakpoints(pid, one));
  ASSERT_TRUE(clear_breakpoints(pid));
  status = go_on(pid);
  EXPECT_EQ(WEXITSTATUS(status), 5);
}

TEST(HardwareBreakpoints, MoreThanThereAreAreRefused) {
  Address three[] = {Address(1), Address(2), Address(3)};
  EXPECT_FALSE(set_breakpoints(::getpid(), three));
}

}  // namespace
}  // namespace goshawk::target
