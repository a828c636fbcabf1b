#include "target/process_access.h"

#include <gtest/gtest.h>

namespace goshawk::target {
namespace {

void expect(const AccessFacts& facts, std::string_view because, std::string_view remedy) {
  AccessDenial denial = explain_denial(facts);
  EXPECT_NE(denial.because.find(because), std::string::npos) << denial.because;
  EXPECT_NE(denial.remedy.find(remedy), std::string::npos) << denial.remedy;
}

TEST(AccessDenial, NamesTheReasonAndTheRemedy) {
  AccessFacts user{.own_uid = 1000, .target_uid = 1000};
  expect({.own_uid = 1000, .target_uid = 33}, "belongs to user 33, and goshawk runs as user 1000",
         "sudo goshawk");
  AccessFacts facts = user;
  facts.yama_scope = 1;
  expect(facts, "ptrace_scope is 1", "sudo sysctl -w kernel.yama.ptrace_scope=0");
  facts.yama_scope = 2;
  expect(facts, "ptrace_scope is 2", "setcap cap_sys_ptrace=ep");
  facts.yama_scope = 3;
  expect(facts, "ptrace_scope is 3", "boot again");
  facts.own_uid = 0;
  facts.own_capability = true;
  expect(facts, "ptrace_scope is 3", "core");
  facts = user;
  facts.target_has_more_capabilities = true;
  expect(facts, "has capabilities", "sudo");
  expect(user, "PR_SET_DUMPABLE", "sudo");
  expect({.own_uid = 0, .target_uid = 1000}, "no CAP_SYS_PTRACE", "--cap-add=SYS_PTRACE");
  expect({.own_uid = 0, .own_capability = true, .same_user_namespace = false}, "user namespace",
         "nsenter");
  expect({.own_uid = 0, .own_capability = true}, "security module", "dmesg");
  expect({.own_uid = 1000, .target_uid = 33, .own_capability = true, .may_open_files = false},
         "memory file", "cap_sys_ptrace,cap_dac_read_search=ep");
}

}  // namespace
}  // namespace goshawk::target
