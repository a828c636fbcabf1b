#include "pprof/pruning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pprof/profile_builder.h"

namespace goshawk::pprof {
namespace {

using ::testing::ElementsAre;

// Each name is a location; one with commas is several inlined calls there, innermost first.
struct Stacks {
  ProfileBuilder builder;

  Stacks(std::string_view drop, std::string_view keep = "") {
    builder.add_sample_type("space", "bytes");
    builder.profile().drop_frames = builder.text(drop);
    builder.profile().keep_frames = builder.text(keep);
  }

  void add(const std::vector<std::vector<std::string>>& stack) {
    std::vector<LocationId> ids;
    for (const std::vector<std::string>& calls : stack) {
      std::vector<Line> lines;
      for (const std::string& name : calls) lines.push_back({builder.add_function(name, ""), 1});
      ids.push_back(builder.add_location(Address(1), kNone, lines));
    }
    std::int64_t value = 1;
    builder.add_sample(ids, {&value, 1});
  }

  std::vector<std::string> pruned(SampleId sample = 0) {
    remove_sampling_frames(builder.profile());
    const Profile& profile = builder.profile();
    std::vector<std::string> names;
    for (LocationId id : profile.stack_of(sample))
      for (const Line& line : profile.lines_of(id))
        names.emplace_back(profile.strings[profile.functions[line.function].name]);
    return names;
  }
};

TEST(Pruning, TakesTheAllocatorOffTheInnerEnd) {
  Stacks stacks("malloc|tc_.*");
  stacks.add({{"hook"}, {"malloc"}, {"tc_new"}, {"main.f"}, {"main.main"}});
  stacks.add({{"main.f"}});
  EXPECT_THAT(stacks.pruned(), ElementsAre("main.f", "main.main"));
  EXPECT_THAT(stacks.pruned(1), ElementsAre("main.f"));
}

TEST(Pruning, LeavesAStackThatIsNothingElse) {
  Stacks stacks("runtime\\..*");
  stacks.add({{"runtime.malg"}, {"runtime.main"}});
  EXPECT_THAT(stacks.pruned(), ElementsAre("runtime.malg", "runtime.main"));
}

TEST(Pruning, KeepsWhatIsToBeKept) {
  Stacks stacks("runtime\\..*", "runtime\\.panic");
  stacks.add({{"runtime.malg"}, {"runtime.panic"}, {"main.f"}});
  EXPECT_THAT(stacks.pruned(), ElementsAre("runtime.panic", "main.f"));
}

TEST(Pruning, MatchesWithoutParameters) {
  Stacks stacks("ns::(anonymous namespace)::f|op::operator\\(\\)|\\.?g");
  stacks.add({{"op::operator()(int, char*)"}, {"main"}});
  stacks.add({{".g(long)"}, {"main"}});
  stacks.add({{"sync.(*Mutex).Lock"}, {"main"}});
  EXPECT_THAT(stacks.pruned(0), ElementsAre("main"));
  EXPECT_THAT(stacks.pruned(1), ElementsAre("main"));
  EXPECT_THAT(stacks.pruned(2), ElementsAre("sync.(*Mutex).Lock", "main"));
}

TEST(Pruning, OfALocationOnlyTheInnerCallsMayGo) {
  Stacks stacks("alloc");
  stacks.add({{"leaf"}, {"deep", "alloc", "main.f"}, {"main.main"}});
  EXPECT_THAT(stacks.pruned(), ElementsAre("main.f", "main.main"));
}

TEST(Pruning, WhatIsNoPatternDropsNothing) {
  Stacks stacks("(((");
  stacks.add({{"main.f"}});
  EXPECT_THAT(stacks.pruned(), ElementsAre("main.f"));
}

}  // namespace
}  // namespace goshawk::pprof
