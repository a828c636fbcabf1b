#include "analyses/profile/groups_of_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analyses/profile/stack_verdict.h"
#include "pprof/profile_builder.h"

namespace goshawk::analyses::profile {
namespace {

using findings::Confidence;
using findings::Finding;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class GoroutineProfile {
 public:
  explicit GoroutineProfile(std::string_view type = "goroutine") {
    builder_.add_sample_type(type, "count");
  }

  void add(std::int64_t count, const std::vector<std::string>& stack,
           const std::string& tenant = "") {
    std::vector<pprof::LocationId> ids;
    for (const std::string& name : stack) {
      pprof::Line line{builder_.add_function(name, "/src/" + name + ".go"), 12};
      ids.push_back(builder_.add_location(Address(0x1000), pprof::kNone, {&line, 1}));
    }
    builder_.add_sample(ids, {&count, 1});
    if (!tenant.empty()) builder_.add_label("tenant", tenant);
  }

  StackGroups groups(bool leaked = false) {
    return group_goroutines(builder_.profile(), {.amount = 0}, leaked);
  }

 private:
  pprof::ProfileBuilder builder_;
};

std::vector<Finding> judge(const StackGroups& groups) {
  return judge_stacks(groups, {.noun = "profile"}, {}).findings;
}

TEST(GroupsOfProfile, SayWhatAProfileSays) {
  GoroutineProfile profile;
  profile.add(7, {"runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1", "main.work"}, "a");
  profile.add(9, {"runtime.gopark", "runtime.selectgo", "main.main", "runtime.main"});
  StackGroups groups = profile.groups();
  ASSERT_THAT(groups.groups, SizeIs(2));
  EXPECT_EQ(groups.goroutines, 16U);
  EXPECT_FALSE(groups.tells_states);
  EXPECT_EQ(groups.groups[0].count, 9U);
  EXPECT_TRUE(groups.groups[0].is_main);
  EXPECT_THAT(groups.groups[1].labels, ElementsAre("tenant: a"));
  EXPECT_EQ(groups.groups[1].frames[3].function, "main.work");
  EXPECT_EQ(groups.groups[1].frames[3].line, 12U);
}

TEST(GroupsOfProfile, AreJudgedByTheFunctionsInWhichTheyWait) {
  GoroutineProfile profile;
  profile.add(1000, {"runtime.gopark", "runtime.chansend", "runtime.chansend1", "main.work"});
  profile.add(100, {"runtime.gopark", "runtime.selectgo", "net/http.(*persistConn).readLoop"});
  profile.add(99, {"runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1", "main.idle"});
  profile.add(10, {"runtime.gopark", "sync.runtime_SemacquireMutex", "sync.(*Mutex).Lock",
                   "main.(*Store).Put"});
  std::vector<Finding> findings = judge(profile.groups());
  ASSERT_THAT(findings, SizeIs(3));
  EXPECT_EQ(findings[0].rule, "goroutine/blocked-send");
  EXPECT_EQ(findings[0].confidence, Confidence::kSuspected);
  EXPECT_EQ(findings[0].blocked_at.function, "main.work");
  EXPECT_THAT(findings[0].evidence, Contains(HasSubstr("a profile does not tell")));
  EXPECT_EQ(findings[1].title, "HTTP response whose body is never closed");
  EXPECT_THAT(findings[1].advice, HasSubstr("close the Body"));
  EXPECT_EQ(findings[2].rule, "goroutine/mutex");
}

TEST(GroupsOfProfile, AreLikelyWhereTheProfileIsOfLeakedOnes) {
  GoroutineProfile profile("goroutineleak");
  profile.add(3, {"runtime.gopark", "runtime.selectgo", "main.work"});
  std::vector<Finding> findings = judge(profile.groups(true));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_EQ(findings[0].rule, "goroutine/blocked-select");
  EXPECT_THAT(findings[0].evidence, Contains(HasSubstr("profile of leaked goroutines")));
}

}  // namespace
}  // namespace goshawk::analyses::profile
