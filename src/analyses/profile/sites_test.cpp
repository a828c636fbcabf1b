#include "analyses/profile/sites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analyses/profile/stacks.h"
#include "pprof/profile_builder.h"

namespace goshawk::analyses::profile {
namespace {

using findings::ProfileSum;
using pprof::Line;
using pprof::LocationId;

// A stack is locations, innermost first; a location is calls, innermost first; a call is a name.
using Stack = std::vector<std::vector<std::string>>;

struct Profile {
  pprof::ProfileBuilder builder;

  Profile() {
    builder.add_sample_type("inuse_objects", "count");
    builder.add_sample_type("inuse_space", "bytes");
  }

  void add(const Stack& stack, std::int64_t objects, std::int64_t bytes) {
    std::vector<LocationId> ids;
    for (const std::vector<std::string>& calls : stack) {
      std::vector<Line> lines;
      // A new function for each call: names count, not ids.
      for (const std::string& name : calls)
        lines.push_back({builder.add_function(name, "/" + name.substr(0, 1) + ".go"),
                         static_cast<std::int64_t>(name.size())});
      ids.push_back(builder.add_location(Address(0x1000), pprof::kNone, lines));
    }
    std::int64_t values[] = {objects, bytes};
    builder.add_sample(ids, values);
  }

  findings::ProfileSites sites() { return sum_sites(builder.profile(), {1, 0}); }
};

const ProfileSum& find(const std::vector<ProfileSum>& sums, std::string_view function) {
  static const ProfileSum kNone;
  for (const ProfileSum& sum : sums)
    if (sum.place.function == function) return sum;
  ADD_FAILURE() << "no " << function;
  return kNone;
}

TEST(ProfileSites, OwnIsOfTheInnermostInlinedCallAndTotalOfAllAbove) {
  Profile profile;
  profile.add({{"leaf", "inliner"}, {"main"}}, 2, 100);
  profile.add({{"inliner"}, {"main"}}, 1, 10);
  findings::ProfileSites sites = profile.sites();
  EXPECT_EQ(sites.amount, 110);
  EXPECT_EQ(sites.count, 3);
  EXPECT_EQ(find(sites.functions, "leaf").own, 100);
  EXPECT_EQ(find(sites.functions, "inliner").own, 10);
  EXPECT_EQ(find(sites.functions, "inliner").total, 110);
  EXPECT_EQ(find(sites.functions, "inliner").total_count, 3);
  EXPECT_EQ(find(sites.functions, "main").own, 0);
  EXPECT_EQ(find(sites.functions, "main").total, 110);
  EXPECT_EQ(sites.functions[0].place.function, "leaf");
  EXPECT_EQ(find(sites.lines, "leaf").place.line, 4);
  EXPECT_EQ(find(sites.lines, "leaf").place.file, "/l.go");
}

TEST(ProfileSites, RecursionCountsASampleOnce) {
  Profile profile;
  profile.add({{"walk", "walk"}, {"walk"}, {"main"}, {"walk"}}, 1, 7);
  findings::ProfileSites sites = profile.sites();
  EXPECT_EQ(find(sites.functions, "walk").total, 7);
  EXPECT_EQ(find(sites.functions, "walk").own, 7);
  EXPECT_EQ(sites.functions.size(), 2u);
}

TEST(ProfileSites, OneFunctionMayHaveSeveralLines) {
  Profile profile;
  profile.add({{"f"}, {"main"}}, 1, 1);
  pprof::Line line{profile.builder.add_function("f", "/f.go"), 99};
  LocationId other = profile.builder.add_location(Address(1), pprof::kNone, {&line, 1});
  std::int64_t values[] = {1, 20};
  profile.builder.add_sample({&other, 1}, values);
  findings::ProfileSites sites = profile.sites();
  EXPECT_EQ(find(sites.functions, "f").own, 21);
  EXPECT_EQ(sites.lines.size(), 3u);
  EXPECT_EQ(sites.lines[0].place.line, 99);
  EXPECT_EQ(sites.lines[0].largest_sample, 1u);
}

TEST(ProfileSites, WhatHasNoNameIsItsAddress) {
  Profile profile;
  profile.add({{}, {"main"}}, 1, 5);
  findings::ProfileSites sites = profile.sites();
  EXPECT_EQ(sites.functions[0].place.function, "");
  EXPECT_EQ(sites.functions[0].place.address, Address(0x1000));
  EXPECT_EQ(sites.functions[0].own, 5);
}

TEST(ProfileSites, SamplesWithoutAStackAreInTheSum) {
  Profile profile;
  profile.add({}, 1, 5);
  profile.add({{"zero"}}, 0, 0);
  EXPECT_EQ(profile.sites().amount, 5);
  EXPECT_TRUE(profile.sites().lines.empty());
}

TEST(ProfileSites, SumsThatDoNotFitWrapAsInGo) {
  Profile profile;
  profile.add({{"f"}}, 1, INT64_MAX);
  profile.add({{"f"}}, 1, 2);
  EXPECT_EQ(profile.sites().amount, INT64_MIN + 1);
}

TEST(ProfileStacks, OfOneLineAreOneWhateverTheirAddressesAndLabels) {
  pprof::ProfileBuilder builder;
  builder.add_sample_type("goroutine", "count");
  Line line{builder.add_function("main.f", "/a.go"), 3};
  Line other{line.function, 4};
  LocationId ids[] = {builder.add_location(Address(1), pprof::kNone, {&line, 1}),
                      builder.add_location(Address(2), pprof::kNone, {&line, 1}),
                      builder.add_location(Address(3), pprof::kNone, {&other, 1})};
  for (std::int64_t count : {1, 5, 2})
    builder.add_sample({&ids[count == 1 ? 0 : count == 5 ? 1 : 2], 1}, {&count, 1});
  builder.add_label("tenant", "blue");
  findings::ProfileStacks stacks = group_stacks(builder.profile(), {0, {}});
  EXPECT_EQ(stacks.count, 8);
  ASSERT_EQ(stacks.stacks.size(), 2u);
  EXPECT_EQ(stacks.stacks[0].count, 6);
  EXPECT_EQ(stacks.stacks[0].sample, 0u);
  EXPECT_EQ(stacks.stacks[1].count, 2);
}

}  // namespace
}  // namespace goshawk::analyses::profile
