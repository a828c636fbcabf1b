#include "target/job_control.h"

#include <gtest/gtest.h>

#include "target/child_process_for_tests.h"

namespace goshawk::target {
namespace {

TEST(JobControl, AStopLastsUntilItIsContinued) {
  ChildProcess child([](SharedState& state) { count(state); });
  ASSERT_TRUE(child.wait_until_ready());
  EXPECT_FALSE(is_stopped_by_signal(child.pid()));
  child.send(SIGSTOP);
  ASSERT_TRUE(child.wait_for_state('T'));
  EXPECT_TRUE(is_stopped_by_signal(child.pid()));
  child.send(SIGCONT);
  EXPECT_TRUE(wait_until([&] { return !is_stopped_by_signal(child.pid()); }));
  EXPECT_FALSE(is_stopped_by_signal(1LL << 40));
}

}  // namespace
}  // namespace goshawk::target
