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
  filter = {};
  filter.goids = {12, 1, 999};
  EXPECT_EQ(goids(filter), (Ids{1, 12}));
}

TEST_F(SelectionTest, ABrokenExpressionIsAUsageError) {
  auto pattern = NamePattern::compile("a(");
  ASSERT_FALSE(pattern.has_value());
  EXPECT_TRUE(std::holds_alternative<Usage>(pattern.error()));
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

     4  chan receive, 3 of them for at least 10 minutes (longest 12 minutes)
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

}  // namespace
}  // namespace goshawk::report
