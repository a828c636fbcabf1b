#include "target/access_conditions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace goshawk::target {
namespace {

using State = Condition::State;
using ::testing::HasSubstr;

// A process of the same user that the kernel closes to us.
Surroundings closed() {
  Surroundings facts;
  facts.pid = 4711;
  facts.access = {.own_uid = 1000, .target_uid = 1000};
  facts.dumpable = true;
  facts.same_user_namespace = facts.same_pid_namespace = facts.same_mount_namespace = true;
  return facts;
}

Condition condition(const Surroundings& facts, std::string_view name) {
  auto all = judge_conditions(facts);
  auto found = std::ranges::find(all, name, &Condition::name);
  EXPECT_NE(found, all.end()) << name;
  return found == all.end() ? Condition{} : *found;
}

std::vector<std::string> blocking(const Surroundings& facts) {
  std::vector<std::string> names;
  for (const Condition& one : judge_conditions(facts))
    if (one.state == State::kBlocks) names.push_back(one.name);
  return names;
}

std::string lines(const Condition& condition, RemedyPlace place) {
  std::string text;
  for (const Remedy& remedy : condition.remedies)
    if (remedy.place == place) text += remedy.line + "\n";
  return text;
}

TEST(Conditions, NothingBlocksWhatTheKernelOpens) {
  Surroundings facts = closed();
  facts.may_open_memory = true;
  facts.has_yama = true;
  facts.access = {
      .own_uid = 1000, .target_uid = 33, .target_has_more_capabilities = true, .yama_scope = 2};
  facts.dumpable = false;
  EXPECT_TRUE(blocking(facts).empty());
  EXPECT_THAT(condition(facts, "CAP_SYS_PTRACE").found, HasSubstr("does not need it"));
}

TEST(Conditions, AnotherUser) {
  Surroundings facts = closed();
  facts.access.target_uid = 33;
  EXPECT_EQ(blocking(facts), (std::vector<std::string>{"user", "CAP_SYS_PTRACE"}));
  Condition user = condition(facts, "user");
  EXPECT_EQ(user.found, "goshawk runs as user 1000, the process as 33");
  EXPECT_EQ(lines(user, RemedyPlace::kShell), "sudo goshawk 4711\n");
  EXPECT_EQ(lines(user, RemedyPlace::kKubernetes), "securityContext: {runAsUser: 33}\n");
  Condition capability = condition(facts, "CAP_SYS_PTRACE");
  EXPECT_THAT(lines(capability, RemedyPlace::kShell), HasSubstr("setcap cap_sys_ptrace=ep"));
  EXPECT_EQ(lines(capability, RemedyPlace::kKubernetes),
            "securityContext: {capabilities: {add: [\"SYS_PTRACE\"]}}\n");
  EXPECT_EQ(condition(facts, "security module").state, State::kUnknown);
}

TEST(Conditions, RootOfAContainerNeedsTheCapabilityFromOutside) {
  Surroundings facts = closed();
  facts.access = {.own_uid = 0, .target_uid = 33};
  Condition capability = condition(facts, "CAP_SYS_PTRACE");
  EXPECT_EQ(lines(capability, RemedyPlace::kShell), "");
  EXPECT_THAT(lines(capability, RemedyPlace::kContainer), HasSubstr("--cap-add=SYS_PTRACE"));
}

TEST(Conditions, Yama) {
  Surroundings facts = closed();
  facts.has_yama = true;
  facts.access.yama_scope = 1;
  EXPECT_EQ(blocking(facts), (std::vector<std::string>{"CAP_SYS_PTRACE", "yama"}));
  EXPECT_EQ(lines(condition(facts, "yama"), RemedyPlace::kShell),
            "sudo sysctl -w kernel.yama.ptrace_scope=0\n");
  EXPECT_THAT(condition(facts, "yama").found, HasSubstr("its own children"));

  facts.access.own_capability = true;  // overrules scopes 1 and 2, not 3
  facts.capability_counts = true;
  EXPECT_EQ(condition(facts, "yama").state, State::kFine);
  facts.access.yama_scope = 3;
  EXPECT_EQ(condition(facts, "yama").state, State::kBlocks);
  EXPECT_THAT(lines(condition(facts, "yama"), RemedyPlace::kShell), HasSubstr("reboot"));

  facts.has_yama = false;
  EXPECT_EQ(condition(facts, "yama").found, "not in this kernel");
}

TEST(Conditions, AProtectedProcess) {
  Surroundings facts = closed();
  facts.dumpable = false;
  EXPECT_EQ(blocking(facts), (std::vector<std::string>{"CAP_SYS_PTRACE", "protection"}));
  facts.dumpable = true;
  facts.access.target_has_more_capabilities = true;
  EXPECT_THAT(condition(facts, "protection").found, HasSubstr("capabilities that goshawk"));
  EXPECT_EQ(condition(facts, "protection").state, State::kBlocks);
  facts.access.target_has_more_capabilities = false;
  facts.dumpable = std::nullopt;
  EXPECT_EQ(condition(facts, "protection").state, State::kFine);
}

TEST(Conditions, ACapabilityOfAnotherUserNamespaceDoesNotCount) {
  Surroundings facts = closed();
  facts.access = {.own_uid = 0, .target_uid = 0, .own_capability = true};
  EXPECT_THAT(condition(facts, "CAP_SYS_PTRACE").found, HasSubstr("most likely"));
  EXPECT_EQ(condition(facts, "CAP_SYS_PTRACE").state, State::kBlocks);
  facts.capability_counts = false;
  facts.same_user_namespace = false;
  Condition capability = condition(facts, "CAP_SYS_PTRACE");
  EXPECT_EQ(capability.state, State::kBlocks);
  EXPECT_THAT(lines(capability, RemedyPlace::kShell), HasSubstr("nsenter -U -t 4711"));
  EXPECT_THAT(condition(facts, "namespaces").found, HasSubstr("user: another"));
}

TEST(Conditions, AnotherTracer) {
  Surroundings facts = closed();
  facts.may_open_memory = true;
  facts.tracer_pid = 99;
  facts.tracer_command = "gdb";
  Condition tracer = condition(facts, "tracer");
  EXPECT_EQ(tracer.state, State::kBlocks);
  EXPECT_THAT(tracer.found, HasSubstr("process 99 (gdb)"));
  EXPECT_THAT(lines(tracer, RemedyPlace::kShell), HasSubstr("kill 99"));
}

TEST(Conditions, ASeccompFilter) {
  Surroundings facts = closed();
  facts.may_open_memory = true;
  facts.ptrace = Probe::kRefused;
  facts.process_vm_readv = Probe::kAllowed;
  Condition filter = condition(facts, "seccomp");
  EXPECT_EQ(filter.state, State::kBlocks);
  EXPECT_THAT(filter.found, HasSubstr("refuses ptrace"));
  EXPECT_EQ(lines(filter, RemedyPlace::kContainer),
            "docker run --security-opt seccomp=unconfined ...\n");
  EXPECT_EQ(lines(filter, RemedyPlace::kKubernetes),
            "securityContext: {seccompProfile: {type: Unconfined}}\n");

  facts.ptrace = Probe::kAllowed;  // memory can be read by its file too
  facts.process_vm_readv = Probe::kRefused;
  EXPECT_EQ(condition(facts, "seccomp").state, State::kFine);
  EXPECT_THAT(condition(facts, "seccomp").found, HasSubstr("process_vm_readv"));
}

TEST(Conditions, WhatNothingExplainsIsASecurityModule) {
  EXPECT_EQ(blocking(closed()), (std::vector<std::string>{"CAP_SYS_PTRACE"}));
  Surroundings facts = closed();
  facts.access.own_capability = true;
  facts.capability_counts = true;
  EXPECT_EQ(blocking(facts), (std::vector<std::string>{"security module"}));
}

TEST(Conditions, PlacesThatMayNotBeTold) {
  Surroundings facts = closed();
  facts.same_user_namespace = std::nullopt;
  facts.same_pid_namespace = false;
  facts.pid_inside = 7;
  std::string found = condition(facts, "namespaces").found;
  EXPECT_EQ(found, "user: not to be told, pid: another (it is 7 in there), mount: the same");
}

TEST(StatusText, EffectiveUser) {
  EXPECT_EQ(parse_effective_uid("Name:\tUid:\t5\t6\nUid:\t1000\t33\t33\t33\n"), 33);
  EXPECT_EQ(parse_effective_uid("Uid:\t1000\n"), std::nullopt);
  EXPECT_EQ(parse_effective_uid(""), std::nullopt);
}

// Gives the two probes as one number, from a child under a filter that does this to ptrace.
int probes_under(unsigned action) {
  pid_t child = ::fork();
  if (child == 0) {
    sock_filter program[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
                             BPF_STMT(BPF_RET | BPF_K, action),
                             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    sock_fprog filter{std::size(program), program};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
      ::_exit(99);
    auto found = read_surroundings(::getppid());
    ::_exit(found ? static_cast<int>(found->ptrace) * 10 + static_cast<int>(found->process_vm_readv)
                  : 98);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

TEST(Surroundings, UnderARealFilter) {
  constexpr int kRefusedAllowed =
      static_cast<int>(Probe::kRefused) * 10 + static_cast<int>(Probe::kAllowed);
  EXPECT_EQ(probes_under(SECCOMP_RET_ERRNO | EPERM), kRefusedAllowed);
  EXPECT_EQ(probes_under(SECCOMP_RET_ERRNO | ENOSYS), kRefusedAllowed);
  EXPECT_EQ(probes_under(SECCOMP_RET_KILL_PROCESS), kRefusedAllowed);
  EXPECT_EQ(probes_under(SECCOMP_RET_ALLOW),
            static_cast<int>(Probe::kAllowed) * 10 + static_cast<int>(Probe::kAllowed));
}

// A child of ours is as open as anything can be.
TEST(Surroundings, OfARunningProcess) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    ::close(ends[1]);
    ::_exit(::read(ends[0], &byte, 1) == 0 ? 0 : 1);
  }
  auto found = read_surroundings(child);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pid, child);
  EXPECT_EQ(found->access.own_uid, found->access.target_uid);
  EXPECT_EQ(found->capability_counts, true);
  EXPECT_EQ(found->same_user_namespace, true);
  EXPECT_EQ(found->same_pid_namespace, true);
  EXPECT_TRUE(found->may_open_memory);
  EXPECT_EQ(found->tracer_pid, 0);
  EXPECT_TRUE(blocking(*found).empty());
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(read_surroundings(child));
}

}  // namespace
}  // namespace goshawk::target
