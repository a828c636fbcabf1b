#include "report/goroutine_selection.h"

#include <gtest/gtest.h>

#include "report/goroutines_text.h"
#include "report/testing/picture_builder.h"

namespace goshawk::report {
namespace {

using testing::PictureBuilder;

constexpr std::int64_t kMinute = 60'000'000'000;

class SelectionTest : public ::testing::Test {
 protected:
  SelectionTest() {
    snapshot::FrameId main = builder_.frame("main.main", "/src/main.go", 7);
    snapshot::StackId worker =
        builder_.stack({builder_.frame("runtime.gopark", "/go/proc.go", 1),
                        builder_.frame("main.(*Pool).worker", "/src/pool.go", 12)});
    snapshot::StackId reader =
        builder_.stack({builder_.frame("net.(*conn).Read", "/usr/local/go/src/net/net.go", 196)});
    builder_.waiting(1, "IO wait", reader);
    for (std::uint64_t goid = 10; goid < 13; ++goid)
      builder_.waiting(goid, "chan receive", worker, main).wait_ns =
          static_cast<std::int64_t>(goid) * kMinute;
    builder_.waiting(13, "chan receive", worker, main);
    builder_.waiting(20, "", reader, main).status = snapshot::Status::kRunning;
    builder_.waiting(30, "force gc (idle)", reader, main).system = true;
  }

  std::vector<std::uint64_t> goids(const GoroutineFilter& filter) {
    std::vector<std::uint64_t> found;
    for (std::uint32_t i : select_goroutines(builder_.picture(), filter))
      found.push_back(builder_.picture().goroutines[i].goid);
    return found;
  }

  using Ids = std::vector<std::uint64_t>;
  PictureBuilder builder_;
};

TEST_F(SelectionTest, WithoutAFilterAllButTheRuntimesOwn) {
  EXPECT_EQ(goids({}), (Ids{1, 10, 11, 12, 13, 20}));
  GoroutineFilter filter;
  filter.system = true;
  EXPECT_EQ(goids(filter).size(), 7u);
}

TEST_F(SelectionTest, EachFilter) {
  GoroutineFilter filter;
  filter.states = {snapshot::Status::kRunning};
  EXPECT_EQ(goids(filter), (Ids{20}));
  filter = {};
  filter.wait_reason = "CHAN rec";
  EXPECT_EQ(goids(filter), (Ids{10, 11, 12, 13}));
  filter = {};
  filter.function = NamePattern::compile("Pool\\)\\.worker$").value();
  EXPECT_EQ(goids(filter), (Ids{10, 11, 12, 13}));
  filter.function = NamePattern::compile("^main\\.main$").value();  // the creator counts
  EXPECT_EQ(goids(filter), (Ids{10, 11, 12, 13, 20}));
  filter = {};
  filter.min_age_ns = 11 * kMinute;
  EXPECT_EQ(goids(filter), (Ids{11, 12}));
  filter = {};
  filter.max_age_ns = 10 * kMinute;  // an unknown age is not known to be more
  EXPECT_EQ(goids(filter), (Ids{1, 10, 13, 20}));
}

TEST_F(SelectionTest, GoidsAndTheirRanges) {
  GoroutineFilter filter;
  filter.goids = {{12, 12}, {1, 1}, {999, 999}};
  EXPECT_EQ(goids(filter), (Ids{1, 12}));
  filter.goids = {{11, 20}, {5, 12}, {13, 13}};
  EXPECT_EQ(goids(filter), (Ids{10, 11, 12, 13, 20}));
  filter.goids = {{30, 30}};  // one of the runtime's own, by name
  EXPECT_EQ(goids(filter), (Ids{30}));
}

TEST_F(SelectionTest, MissingGoids) {
  GoroutineFilter filter;
  filter.goids = {{2, 9}, {12, 35}, {31, 31}, {40, 50}};
  std::vector<GoidRange> missing = find_missing_goids(builder_.picture(), filter);
  ASSERT_EQ(missing.size(), 2u);
  EXPECT_EQ(missing[0].first, 2u);
  EXPECT_EQ(missing[0].last, 9u);
  EXPECT_EQ(missing[1].first, 40u);  // 31 lies in 12-35, of which some are there
}

TEST_F(SelectionTest, UnknownAgesAreTold) {
  GoroutineFilter filter;
  EXPECT_EQ(unknown_ages_note(builder_.picture(), filter), "");
  filter.min_age_ns = kMinute;
  EXPECT_EQ(unknown_ages_note(builder_.picture(), filter),
            "2 goroutines wait for an unknown time and are not among these: the runtime notes when "
            "a wait began at its first collection after that");
  filter = {};
  filter.max_age_ns = kMinute;
  filter.goids = {{13, 20}};
  EXPECT_EQ(unknown_ages_note(builder_.picture(), filter),
            "1 goroutine waits for an unknown time and is among these all the same: the runtime "
            "notes when a wait began at its first collection after that");
  filter.goids = {{10, 12}};
  EXPECT_EQ(unknown_ages_note(builder_.picture(), filter), "");
}

TEST_F(SelectionTest, StatesByName) {
  for (std::string_view name : state_names()) {
    auto state = find_state(name);
    ASSERT_TRUE(state.has_value()) << name;
    EXPECT_EQ(status_text(*state), name);
  }
  for (const char* name : {"leaked", "dead", "idle", "dozing", ""})
    EXPECT_FALSE(find_state(name).has_value()) << name;
}

TEST_F(SelectionTest, WhatTheRuntimeCallsLeakedWaits) {
  builder_.waiting(50, "chan receive", builder_.picture().goroutines[1].stack).status =
      snapshot::Status::kLeaked;
  GoroutineFilter filter;
  filter.states = {snapshot::Status::kWaiting};
  EXPECT_EQ(goids(filter), (Ids{1, 10, 11, 12, 13, 50}));
}

TEST(NamePattern, SpeaksGosSyntax) {
  auto matches = [](const char* expression, std::string_view name) {
    return NamePattern::compile(expression).value().matches(name);
  };
  EXPECT_TRUE(matches("\\d+$", "main.serve.func12"));
  EXPECT_FALSE(matches("\\d+", "main.handled"));
  EXPECT_TRUE(matches("(?i)POOL\\).worker\\b", "main.(*Pool).worker"));
  EXPECT_TRUE(matches("^main\\.(?:a|b)*?$", "main.abab"));
  EXPECT_TRUE(matches("worker", std::string_view("main.worker and what follows", 11)));
  EXPECT_FALSE(matches("follows", std::string_view("main.worker and what follows", 11)));
  EXPECT_TRUE(matches("b", "a\xff b"));  // a foreign name may be any bytes
}

TEST(NamePattern, ABrokenExpressionIsAUsageErrorThatNamesTheSyntax) {
  for (const char* expression : {"a(", "*", "[z-a]", "(?=x)", "a\\"}) {
    auto pattern = NamePattern::compile(expression);
    ASSERT_FALSE(pattern.has_value()) << expression;
    EXPECT_TRUE(std::holds_alternative<Usage>(pattern.error()));
    std::string text = describe(pattern.error());
    EXPECT_NE(text.find(expression), std::string::npos) << text;
    EXPECT_NE(text.find("RE2 syntax"), std::string::npos) << text;
  }
}

TEST_F(SelectionTest, GroupsByStackCreatorAndLabels) {
  builder_.waiting(40, "chan receive", builder_.picture().goroutines[1].stack,
                   builder_.picture().goroutines[1].created_by);
  builder_.label("tenant", "a");
  std::vector<GoroutineGroup> groups =
      group_goroutines(builder_.picture(), select_goroutines(builder_.picture(), {}));
  ASSERT_EQ(groups.size(), 4u);
  EXPECT_EQ(groups[0].members.size(), 4u);
}

TEST_F(SelectionTest, TheListForPeople) {
  StringOutput out;
  render_goroutines_text(out, builder_.picture(), select_goroutines(builder_.picture(), {}),
                         TextStyle{});
  EXPECT_EQ(out.text(),
            R"(6 goroutines, 3 different stacks; not shown: 1 of the runtime's own
in process 4711, /usr/bin/shop, go1.27.4 amd64

     4  chan receive, 3 of them for about 10 minutes or more (longest 12 minutes)
        main.(*Pool).worker   /src/pool.go:12
        started by main.main  /src/main.go:7
        goroutines 10 11 12 13

     1  IO wait
        net.(*conn).Read  net/net.go:196
        goroutine 1

     1  running
        net.(*conn).Read      net/net.go:196
        started by main.main  /src/main.go:7
        goroutine 20
)");
}

TEST_F(SelectionTest, TheListSaysWhatItCouldNotKnow) {
  GoroutineFilter filter;
  filter.min_age_ns = 60 * kMinute;
  StringOutput out;
  render_goroutines_text(out, builder_.picture(), select_goroutines(builder_.picture(), filter),
                         TextStyle{}, unknown_ages_note(builder_.picture(), filter));
  EXPECT_EQ(out.text(),
            R"(0 goroutines, 0 different stacks; not shown: 1 of the runtime's own, 6 filtered out
in process 4711, /usr/bin/shop, go1.27.4 amd64

2 goroutines wait for an unknown time and are not among these: the runtime notes when a wait began
at its first collection after that
)");
}

}  // namespace
}  // namespace goshawk::report
