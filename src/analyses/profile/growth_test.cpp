#include "analyses/profile/growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analyses/profile/inventory.h"
#include "pprof/profile_builder.h"

namespace goshawk::analyses::profile {
namespace {

using findings::Confidence;
using findings::GrownSite;
using findings::ProfileInventory;

constexpr std::int64_t kHour = 3'600'000'000'000;

// One site, an hour apart.
std::vector<ProfileInventory> series(const std::vector<std::int64_t>& amounts) {
  std::vector<ProfileInventory> profiles;
  for (std::size_t i = 0; i < amounts.size(); ++i)
    profiles.push_back(
        {.name = std::to_string(i),
         .program = {},
         .build_id = {},
         .time_ns = static_cast<std::int64_t>(i + 1) * kHour,
         .amount = amounts[i],
         .sites = {{.key = {.function = "main.f", .file = "", .line = 1}, .amount = amounts[i]}}});
  return profiles;
}

GrownSite judge(const std::vector<std::int64_t>& amounts, AmountNature nature = {}) {
  findings::ProfileGrowth growth = compare_profiles(series(amounts), nature);
  return growth.sites.empty() ? GrownSite() : growth.sites[0];
}

TEST(ProfileGrowth, SteadyOverThreeProfilesIsLikely) {
  GrownSite site = judge({100, 200, 300});
  EXPECT_EQ(site.confidence, Confidence::kLikely);
  EXPECT_EQ(site.change, 200);
  EXPECT_EQ(site.grew_in, 2u);
  EXPECT_DOUBLE_EQ(*site.per_second, 100.0 / 3600);
}

TEST(ProfileGrowth, OfTwoProfilesItIsSuspected) {
  EXPECT_EQ(judge({100, 300}).confidence, Confidence::kSuspected);
}

TEST(ProfileGrowth, WhatFillsUpOrHappenedOnceIsNotSteady) {
  EXPECT_EQ(judge({0, 900, 990, 999}).confidence, Confidence::kSuspected);
  EXPECT_EQ(judge({100, 100, 400, 400}).confidence, Confidence::kSuspected);
  EXPECT_EQ(judge({100, 300, 200, 500}).confidence, Confidence::kSuspected);
}

TEST(ProfileGrowth, WhatMayBeChanceIsNoGrowth) {
  EXPECT_EQ(judge({100, 110, 120}).confidence, std::nullopt);
  EXPECT_EQ(judge({300, 200}).confidence, std::nullopt);
  // Two samples of half a megabyte more.
  EXPECT_EQ(judge({1 << 20, 2 << 20}, {.noise_of_one = 1 << 19}).confidence, std::nullopt);
  EXPECT_EQ(judge({1 << 20, 20 << 20}, {.noise_of_one = 1 << 19}).confidence,
            Confidence::kSuspected);
}

TEST(ProfileGrowth, WhatOnlyAddsUpHasARateAndNoConfidence) {
  GrownSite site = judge({100, 200, 300}, {.is_of_now = false});
  EXPECT_EQ(site.confidence, std::nullopt);
  EXPECT_TRUE(site.per_second);
}

TEST(ProfileGrowth, WithoutTimesThereIsNoRate) {
  std::vector<ProfileInventory> profiles = series({100, 200, 300});
  profiles[1].time_ns = 0;
  findings::ProfileGrowth growth = compare_profiles(profiles, {});
  EXPECT_FALSE(growth.seconds);
  EXPECT_FALSE(growth.sites[0].per_second);
  EXPECT_EQ(growth.sites[0].confidence, Confidence::kLikely);
}

TEST(ProfileGrowth, ASiteThatIsNotInAllCountsAsNothingThere) {
  std::vector<ProfileInventory> profiles = series({100, 200});
  profiles[0].sites[0].key.line = 2;
  findings::ProfileGrowth growth = compare_profiles(profiles, {});
  ASSERT_EQ(growth.sites.size(), 2u);
  EXPECT_THAT(growth.sites[0].amounts, ::testing::ElementsAre(0, 200));
  EXPECT_EQ(growth.sites[1].change, -100);
}

TEST(ProfileInventory, AGoroutinesSiteIsItsOwnCodeAndWhereItBegan) {
  pprof::ProfileBuilder builder;
  builder.add_sample_type("goroutine", "count");
  std::vector<pprof::LocationId> stack;
  for (const char* name : {"runtime.gopark", "runtime.chanrecv1", "main.(*pool).next", "main.work",
                           "main.start.func1", "runtime.goexit"}) {
    pprof::Line line{builder.add_function(name, "/a.go"), 7};
    stack.push_back(builder.add_location(Address(1), pprof::kNone, {&line, 1}));
  }
  std::int64_t count = 3;
  builder.add_sample(stack, {&count, 1});
  builder.add_sample({}, {&count, 1});
  ProfileInventory inventory = take_inventory(builder.profile(), "x", {0, {}}, SitesBy::kFunction);
  EXPECT_EQ(inventory.amount, 6);
  ASSERT_EQ(inventory.sites.size(), 2u);
  const ProfileInventory::Site& site = inventory.sites[0];
  EXPECT_EQ(site.key.function, "main.(*pool).next");
  EXPECT_EQ(site.key.began_in, "main.start.func");  // without the number of the closure
  EXPECT_EQ(site.key.line, 0);
  EXPECT_EQ(site.callers[0].function, "main.work");
  EXPECT_EQ(inventory.sites[1].key.function, "");
}

}  // namespace
}  // namespace goshawk::analyses::profile
