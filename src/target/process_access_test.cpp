#include "target/process_access.h"

#include <gtest/gtest.h>

namespace goshawk::target {
namespace {

void expect(const AccessFacts& facts, std::string_view because, std::string_view remedy) {
  AccessDenial denial = explain_denial(facts);
  EXPECT_NE(denial.because.find(because), std::string::npos) << denial.because;
  EXPECT_NE(denial.remedy.find(remedy), std::string::npos) << denial.remedy;
}

constexpr AccessFacts kSameUser{.own_uid = 1000, .target_uid = 1000};

TEST(AccessDenial, NamesYamasScopeAndTheRemedy) {
  AccessFacts facts = kSameUser;
  facts.yama_scope = 1;
  expect(facts, "ptrace_scope is 1", "sudo sysctl -w kernel.yama.ptrace_scope=0");
  facts.yama_scope = 2;
  expect(facts, "ptrace_scope is 2", "sudo goshawk");
  facts.in_container = true;
  expect(facts, "ptrace_scope is 2", "or set it to 0 on the node");
  facts.yama_scope = 1;
  expect(facts, "ptrace_scope is 1", "[\"SYS_PTRACE\"]");
  facts.yama_scope = 3;
  expect(facts, "ptrace_scope is 3", "boot again");
  facts.own_uid = 0;
  facts.own_capability = true;
  expect(facts, "ptrace_scope is 3", "core");
}

TEST(AccessDenial, NamesTheReasonAndTheRemedy) {
  AccessFacts other{.own_uid = 1000, .target_uid = 33, .target_gid = 44, .same_user = false};
  expect(other, "belongs to user 33, and goshawk runs as user 1000", "sudo goshawk");
  other.in_container = true;
  expect(other, "belongs to user 33", "{runAsUser: 33, runAsGroup: 44}");
  other.capability_withheld = true;
  expect(other, "goshawk runs in it as user 1000", "securityContext.runAsUser: 0");
  AccessFacts group{.own_uid = 7, .own_gid = 0, .target_uid = 7, .target_gid = 8};
  group.same_group = false;
  expect(group, "with group 8, and goshawk with group 0", "as that user");
  AccessFacts facts = kSameUser;
  facts.target_has_more_capabilities = true;
  expect(facts, "has capabilities", "sudo");
  facts = kSameUser;
  facts.target_is_protected = true;
  expect(facts, "PR_SET_DUMPABLE", "sudo");
  expect(kSameUser, "does not say why", "sudo");
  expect({.own_uid = 0, .target_uid = 1000}, "no CAP_SYS_PTRACE", "--cap-add=SYS_PTRACE");
  expect({.own_uid = 0, .own_capability = true}, "security module", "dmesg");
}

TEST(AccessDenial, OfAnotherUserNamespaceSaysWhetherTheCapabilityIsHeld) {
  AccessFacts facts{.own_uid = 0, .own_capability = true};
  facts.user_namespace = UserNamespace::kElsewhere;
  expect(facts, "where goshawk's CAP_SYS_PTRACE does not count", "nsenter -U");
  facts.own_capability = false;
  expect(facts, "where goshawk has no CAP_SYS_PTRACE", "user who started that container");
  facts.user_namespace = UserNamespace::kBelow;
  expect(facts, "where goshawk has no CAP_SYS_PTRACE", "user who started that container");
  facts.own_capability = true;
  expect(facts, "security module", "dmesg");
}

TEST(AccessFacts, OfAProcessLikeOurselves) {
  auto self = ProcessDirectory::open(::getpid());
  ASSERT_TRUE(self);
  AccessFacts facts = read_access_facts(*self);
  EXPECT_EQ(facts.own_uid, ::geteuid());
  EXPECT_TRUE(facts.same_user && facts.same_group);
  EXPECT_EQ(facts.target_gid, ::getegid());
  EXPECT_EQ(facts.user_namespace, UserNamespace::kOurs);
  EXPECT_FALSE(facts.target_has_more_capabilities);
  EXPECT_FALSE(is_ptrace_filtered());
}

}  // namespace
}  // namespace goshawk::target
