#include "analyses/heap/timers.h"

#include <gtest/gtest.h>

#include "analyses/heap/letters_for_tests.h"

namespace goshawk::analyses::heap {
namespace {

using findings::Confidence;
using findings::HeapFinding;

class TimersTest : public LetterPicture {
 protected:
  // So many like it: all of one object, which is enough for counting.
  void timers(int count, char timer, char argument, const std::string& function,
              std::int64_t period_ns = 0) {
    snapshot::PendingTimer one{.object = id(timer),
                               .argument = id(argument),
                               .function = picture.strings.intern(function),
                               .sends_time = function == "time.sendTime",
                               .period_ns = period_ns,
                               .fires_in_ns = 3'000};
    picture.pending_timers.insert(picture.pending_timers.end(), count, one);
    for (char object : {timer, argument})
      picture.roots.push_back({id(object), snapshot::RootKind::kTimer, Address(0xc000)});
  }
  std::vector<HeapFinding> find() {
    draw();
    return find_timers(picture).findings;
  }
};

TEST_F(TimersTest, ForgottenTickersNobodyCanStop) {
  timers(10, 'A', 'B', "time.sendTime", 1'000);
  points('A', 'B');
  points('B', 'C');
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].finding.rule, "timer/unstopped-ticker");
  EXPECT_EQ(found[0].finding.confidence, Confidence::kLikely);
  EXPECT_EQ(found[0].finding.count, 10u);
  EXPECT_EQ(found[0].unreferenced, 10u);
  EXPECT_EQ(found[0].finding.cost.retained_bytes, 3 * kEach);  // each byte once
}

TEST_F(TimersTest, TickersThatSomebodyHasAreFine) {
  timers(5000, 'A', 'B', "time.sendTime", 1'000);
  points('A', 'B');
  goroutine(1, 'A');
  EXPECT_TRUE(find().empty());
}

// A receiver has only the channel.
TEST_F(TimersTest, ATimerWhoseChannelSomebodyHasIsNotForgotten) {
  timers(5000, 'A', 'B', "time.sendTime");
  points('A', 'B');
  goroutine(1, 'B');
  EXPECT_TRUE(find().empty());
}

TEST_F(TimersTest, ATickerThatAFunctionWillStopIsNotForgotten) {
  timers(5000, 'A', 'B', "time.sendTime", 1'000);
  timers(1, 'C', 'D', "main.stop.func1");
  points('D', 'A');
  points('A', 'B');
  EXPECT_TRUE(find().empty());
}

// w.Value().Stop()
TEST_F(TimersTest, ATickerThatAWeakPointerLeadsToIsNotForgotten) {
  timers(5000, 'A', 'B', "time.sendTime", 1'000);
  points('A', 'B');
  picture.references.extra.push_back({id('H'), id('A')});
  EXPECT_TRUE(find().empty());
  EXPECT_EQ(find_timers(picture).lines.at(0).bytes, 2 * kEach);  // which it does not hold
}

TEST_F(TimersTest, HowSureDependsOnHowMany) {
  timers(99, 'A', 'B', "time.sendTime");
  EXPECT_TRUE(find().empty());
  timers(1, 'A', 'B', "time.sendTime");
  EXPECT_EQ(find_timers(picture).findings.at(0).finding.confidence, Confidence::kSuspected);
  timers(900, 'A', 'B', "time.sendTime");
  auto found = find_timers(picture).findings;
  EXPECT_EQ(found.at(0).finding.rule, "timer/after-in-loop");
  EXPECT_EQ(found.at(0).finding.confidence, Confidence::kLikely);
  EXPECT_EQ(found.at(0).longest_ns, 3'000);
}

TEST_F(TimersTest, FunctionsAreToldByTheirName) {
  timers(1000, 'A', 'B', "main.expire.func1");
  timers(999, 'C', 'D', "main.other");
  auto found = find();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].place, "main.expire.func1");
  EXPECT_EQ(found[0].finding.confidence, Confidence::kSuspected);
  EXPECT_FALSE(found[0].unreferenced);
}

// By what they call, and by the lines that made those of them that were sampled.
TEST_F(TimersTest, PendingOnesAreToldWithoutBlame) {
  timers(12, 'A', 'B', "main.expire");
  timers(2, 'D', 'E', "time.sendTime", 1'000);
  points('B', 'C');
  auto frame = [&](const std::string& function, std::uint32_t line) {
    snapshot::Frame made;
    made.function = picture.strings.intern(function);
    made.file = picture.strings.intern("x.go");
    made.line = line;
    return picture.stacks.add_frame(made);
  };
  snapshot::StackId stack = picture.stacks.intern(
      std::vector{frame("time.AfterFunc", 1), frame("example.com/shop.poll", 30)});
  picture.allocations.rate_bytes = 512 << 10;
  picture.allocations.records = {{.stack = stack, .size_bytes = 80, .allocated = 9}};
  picture.allocations.sampled = {{id('A'), 0}, {id('B'), 0}, {id('C'), 0}};
  draw();
  FoundTimers found = find_timers(picture);
  EXPECT_TRUE(found.findings.empty());
  ASSERT_EQ(found.lines.size(), 2u);
  EXPECT_EQ(found.lines[0].function, "main.expire");
  EXPECT_EQ(found.lines[0].timers, 12u);
  EXPECT_FALSE(found.lines[0].ticks);
  EXPECT_FALSE(found.lines[0].has_finding);
  EXPECT_EQ(found.lines[0].bytes, 3 * kEach);
  EXPECT_EQ(found.lines[0].longest_ns, 3'000);
  ASSERT_EQ(found.lines[0].created_in.size(), 1u);
  // What a function is given may have been made anywhere: the timer alone says where it was.
  EXPECT_EQ(found.lines[0].created_in[0].samples, 1u);
  EXPECT_EQ(found.lines[0].created_in[0].place.function, "time.AfterFunc");
  EXPECT_EQ(found.lines[0].created_in[0].on_behalf_of.function, "example.com/shop.poll");
  EXPECT_EQ(found.lines[0].created_in[0].on_behalf_of.line, 30u);
  EXPECT_TRUE(found.lines[1].sends_time);
  EXPECT_TRUE(found.lines[1].ticks);
  EXPECT_TRUE(found.lines[1].created_in.empty());
}

TEST_F(TimersTest, OfThoseWithAFindingTheLineSaysSo) {
  timers(20, 'A', 'B', "time.sendTime", 1'000);
  points('A', 'B');
  picture.allocations.rate_bytes = 512 << 10;
  picture.allocations.records = {{.stack = 0, .size_bytes = 80, .allocated = 9}};
  picture.allocations.sampled = {{id('B'), 0}};
  goroutine(1, 'C');
  draw();
  FoundTimers found = find_timers(picture);
  ASSERT_EQ(found.findings.size(), 1u);
  ASSERT_EQ(found.findings[0].created_in.size(), 1u);  // the channel
  EXPECT_EQ(found.findings[0].created_in[0].place.function, "main.work");
  EXPECT_TRUE(found.lines.at(0).has_finding);
}

}  // namespace
}  // namespace goshawk::analyses::heap
