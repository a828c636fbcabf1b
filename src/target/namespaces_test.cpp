#include "target/namespaces.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>

#include "target/child_process_for_tests.h"

namespace goshawk::target {
namespace {

TEST(PidInside, IsTheLastWhenItIsAnotherNumber) {
  EXPECT_EQ(find_pid_inside("Name:\tx\nNSpid:\t4242\t17\t1\nNSsid:\t1\n"), 1);
  EXPECT_EQ(find_pid_inside("NSpid:\t4242\t17\n"), 17);
  EXPECT_EQ(find_pid_inside("NSpid:\t4242\n"), std::nullopt);
  EXPECT_EQ(find_pid_inside("NSpid:\t5\t5\n"), std::nullopt);
  for (const char* rubbish : {"", "NSpid:\n", "NSpid:\t\t\n", "NSpid:\tx\ty\n", "NSpid:\t4\t"})
    EXPECT_EQ(find_pid_inside(rubbish), std::nullopt) << rubbish;
}

TEST(Proc, IsOurs) {
  auto checked = check_proc();
  EXPECT_TRUE(checked) << describe(checked.error());
}

TEST(ProcessName, IsItsNumberWhereItHasNoOther) {
  auto self = ProcessDirectory::open(::getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(name_process(*self), fmt::format("process {}", ::getpid()));
}

TEST(UserNamespace, IsOursOrBelowOrElsewhere) {
  ChildProcess child([](SharedState& state) {
    state.counters[0] = ::unshare(CLONE_NEWUSER) == 0 ? 1 : 2;
    state.ready = true;
    while (!state.finish) ::usleep(1000);
  });
  ASSERT_TRUE(child.wait_until_ready());
  if (child.state().counters[0] != 1) GTEST_SKIP() << "no user namespaces may be made here";
  auto self = ProcessDirectory::open(::getpid()), below = ProcessDirectory::open(child.pid());
  ASSERT_TRUE(self && below);
  EXPECT_EQ(find_user_namespace(*self), UserNamespace::kOurs);
  EXPECT_EQ(find_user_namespace(*below), UserNamespace::kBelow);
  // From a namespace beside it, in which another user is root.
  pid_t beside = ::fork();
  if (beside == 0) {
    std::string own_map = fmt::format("0 {} 1", ::geteuid());
    bool made = ::unshare(CLONE_NEWUSER) == 0;
    std::ofstream("/proc/self/uid_map") << own_map;
    ::_exit(made && find_user_namespace(*below) == UserNamespace::kElsewhere ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(beside, &status, 0), beside);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace goshawk::target
