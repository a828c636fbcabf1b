#include "analyses/heap/finalizers.h"

#include <gtest/gtest.h>

#include "analyses/heap/letters_for_tests.h"

namespace goshawk::analyses::heap {
namespace {

class FinalizersTest : public LetterPicture {
 protected:
  void due(char object, Address source = Address(0xc000)) {
    picture.roots.push_back({id(object), snapshot::RootKind::kQueued, source});
  }
  void due_cleanup(char object) { due(object, Address()); }
  // As pictures had it that did not tell the queues apart.
  void due_in_either(char object) { due(object, Address((1 << 30) + id(object) * kEach)); }
  void blocked_runner(const std::string& started_at) {
    runner(started_at, {"runtime.gopark", "main.close", started_at});
  }
  snapshot::FrameId frame(const std::string& function) {
    snapshot::Frame one;
    one.function = picture.strings.intern(function);
    return picture.stacks.add_frame(one);
  }
  // What runs finalizers, with this stack, innermost first.
  void runner(const std::string& started_at, std::vector<std::string> functions,
              snapshot::Status status = snapshot::Status::kWaiting) {
    goroutine(5, 'Z');
    std::vector<snapshot::FrameId> frames;
    for (const std::string& function : functions) frames.push_back(frame(function));
    snapshot::Goroutine& runner = picture.goroutines.back();
    runner.started_at = frame(started_at);
    runner.stack = picture.stacks.intern(frames);
    runner.status = status;
    runner.wait_ns = 60'000'000'000;
  }
};

TEST_F(FinalizersTest, TellsWhereTheOneIsThatBlocksAllOthers) {
  due('A');
  points('A', 'B');
  runner("runtime.runfinq", {"runtime.gopark", "runtime.chansend1", "main.wait", "main.close.func1",
                             "runtime.runfinq"});
  draw();
  auto found = find_finalizers(picture);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->finding.rule, "heap/finalizer");
  EXPECT_EQ(found->finding.confidence, findings::Confidence::kLikely);
  EXPECT_EQ(found->finding.goids, std::vector<std::uint64_t>{5});
  EXPECT_EQ(found->place, "main.close.func1");
  EXPECT_EQ(found->finding.count, 1u);
  EXPECT_EQ(found->finding.cost.retained_bytes, 2 * kEach);
  EXPECT_EQ(found->finding.longest_wait_ns, 60'000'000'000);
  picture.goroutines.back().wait_ns = 1'000'000'000;  // it may be over in a moment
  EXPECT_EQ(find_finalizers(picture)->finding.confidence, findings::Confidence::kSuspected);
}

TEST_F(FinalizersTest, OneThatRestsBlocksNobody) {
  due('A');
  global('A', 0x500000);  // nothing is kept by the queue alone
  runner("runtime.runFinalizers", {"runtime.gopark", "runtime.runFinalizers"});
  draw();
  EXPECT_FALSE(find_finalizers(picture));
}

TEST_F(FinalizersTest, OneThatRunsMayComeToAnEnd) {
  due('A');
  global('A', 0x500000);
  runner("runtime.runCleanups", {"main.close", "runtime.runCleanups"}, snapshot::Status::kRunning);
  draw();
  EXPECT_FALSE(find_finalizers(picture));
}

TEST_F(FinalizersTest, ManyThatAreSlowAreNotStuck) {
  for (char object = 'A'; object < 'A' + 40; ++object) due(object);
  blocked_runner("runtime.runFinalizers");
  picture.goroutines.back().wait_ns = 1'000'000;
  draw();
  auto found = find_finalizers(picture);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->finding.confidence, findings::Confidence::kSuspected);
  EXPECT_EQ(found->finding.count, 40u);
}

TEST_F(FinalizersTest, BehindACleanupAreCleanupsOnly) {
  for (char object : {'A', 'B', 'C'}) due(object);
  due_cleanup('D');
  due_cleanup('E');
  runner("runtime.runFinalizers", {"runtime.gopark", "runtime.runFinalizers"});
  blocked_runner("runtime.runCleanups");
  draw();
  auto found = find_finalizers(picture);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->finding.count, 2u);
  EXPECT_EQ(found->finding.cost.retained_bytes, 2 * kEach);
  EXPECT_EQ(found->place, "main.close");
  EXPECT_EQ(found->finding.confidence, findings::Confidence::kSuspected);  // one more may start
}

TEST_F(FinalizersTest, BehindAFinalizerAreFinalizersOnly) {
  due('A');
  for (char object : {'B', 'C', 'D'}) due_cleanup(object);
  blocked_runner("runtime.runFinalizers");
  runner("runtime.runCleanups", {"runtime.gopark", "runtime.runCleanups"});
  draw();
  auto found = find_finalizers(picture);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->finding.count, 1u);
  EXPECT_EQ(found->finding.confidence, findings::Confidence::kLikely);
}

TEST_F(FinalizersTest, OneCleanupThatWaitsLeavesTheOthersToTheRest) {
  due_cleanup('A');
  global('A', 0x500000);
  blocked_runner("runtime.runCleanups");
  runner("runtime.runCleanups", {"runtime.gopark", "runtime.runCleanups"});
  draw();
  EXPECT_FALSE(find_finalizers(picture));
  blocked_runner("runtime.runCleanups");
  picture.goroutines.erase(picture.goroutines.begin() + 1);
  EXPECT_TRUE(find_finalizers(picture));
}

TEST_F(FinalizersTest, WhoseItIsMayBeUntold) {
  due_in_either('A');
  blocked_runner("runtime.runFinalizers");
  draw();
  EXPECT_EQ(find_finalizers(picture)->finding.confidence, findings::Confidence::kLikely);
  blocked_runner("runtime.runCleanups");
  auto found = find_finalizers(picture);
  ASSERT_TRUE(found);  // a megabyte
  EXPECT_EQ(found->finding.confidence, findings::Confidence::kSuspected);
  EXPECT_TRUE(found->finding.goids.empty());
  EXPECT_EQ(found->place, "");
}

TEST_F(FinalizersTest, MuchThatIsHeldIsSuspected) {
  for (char object : {'A', 'B', 'B'}) due(object);  // of a megabyte each, one referred to twice
  draw();
  auto found = find_finalizers(picture);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->finding.confidence, findings::Confidence::kSuspected);
  EXPECT_EQ(found->finding.count, 2u);
}

TEST_F(FinalizersTest, NoneAreDue) {
  runner("runtime.runfinq", {"runtime.gopark", "main.close", "runtime.runfinq"});
  draw();
  EXPECT_FALSE(find_finalizers(picture));
}

}  // namespace
}  // namespace goshawk::analyses::heap
