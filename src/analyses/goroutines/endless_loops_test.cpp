// Loops of which their code says that they never end, and what else must be true of them.
#include "analyses/goroutines/endless_loops.h"

#include <gtest/gtest.h>

#include <string>

#include "analyses/goroutines/picture_for_tests.h"
#include "analyses/goroutines/wake_graph.h"

namespace goshawk::analyses::goroutines {
namespace {

constexpr std::uint64_t kGone = 99;  // a starter that has ended

class EndlessLoopsTest : public testing::Test {
 protected:
  EndlessLoopsTest() {
    snapshot::Snapshot& picture = drawn_.picture();
    goroutine_.creator_goid = kGone;
    goroutine_.created_by = frame("shop.TestCache");
    goroutine_.stack = picture.stacks.intern(std::vector{frame("time.Sleep"), frame("shop.loop")});
    picture.endless_stacks = {{goroutine_.stack, picture.stacks[goroutine_.stack][1]}};
  }
  snapshot::FrameId frame(const std::string& function) {
    snapshot::Frame made;
    made.function = drawn_.picture().strings.intern(function);
    return drawn_.picture().stacks.add_frame(made);
  }
  void add_ancestor(const std::string& inner, const std::string& outer) {
    snapshot::Snapshot& picture = drawn_.picture();
    picture.ancestors.push_back(
        {.goid = kGone, .stack = picture.stacks.intern(std::vector{frame(inner), frame(outer)})});
    goroutine_.ancestor_count = 1;
  }
  bool is_told() {
    snapshot::Snapshot& picture = drawn_.draw();
    WakeGraph wakes(picture, compute_standings(picture));
    std::vector<bool> found = find_endless_loops(picture, prove(picture, wakes));
    return !found.empty() && found[0];
  }

  DrawnPicture drawn_;
  snapshot::Goroutine& goroutine_ = drawn_.waits(5, "", "", snapshot::WaitKind::kSleep);
};

TEST_F(EndlessLoopsTest, OfATestThatHasEnded) { EXPECT_TRUE(is_told()); }

TEST_F(EndlessLoopsTest, ItsCodeHasAnExit) {
  drawn_.picture().endless_stacks.clear();
  EXPECT_FALSE(is_told());
}

TEST_F(EndlessLoopsTest, ItsStarterLives) {
  drawn_.runs(6, "");
  goroutine_.creator_goid = 6;
  EXPECT_FALSE(is_told());
}

TEST_F(EndlessLoopsTest, NoTestBeganIt) {
  for (const char* function : {"shop.init.0", "shop.TestMain", "shop.BenchmarkCache", "shop.New"}) {
    goroutine_.created_by = frame(function);
    EXPECT_FALSE(is_told()) << function;
  }
}

TEST_F(EndlessLoopsTest, BegunOnceForAll) {
  add_ancestor("sync.(*Once).doSlow", "shop.TestCache");
  EXPECT_FALSE(is_told());
}

TEST_F(EndlessLoopsTest, BegunByTheTestsOwnCall) {
  add_ancestor("shop.New", "shop.TestCache");
  EXPECT_TRUE(is_told());
}

TEST_F(EndlessLoopsTest, ItsLibraryKeepsItForTheWholeProgram) {
  goroutine_.stack = drawn_.picture().stacks.intern(
      std::vector{frame("time.Sleep"), frame("github.com/golang/glog.(*loggingT).flushDaemon")});
  drawn_.picture().endless_stacks = {
      {goroutine_.stack, drawn_.picture().stacks[goroutine_.stack][1]}};
  EXPECT_FALSE(is_told());
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
