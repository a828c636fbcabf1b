// Loops that a ticker wakes and nobody can stop, on pictures drawn by hand, each with its twins
// that are none.
#include "analyses/goroutines/unstoppable_loops.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

using snapshot::ObjectId;
using snapshot::WaitKind;

constexpr std::uint64_t kGone = 99;  // a starter that has ended

ObjectId id(char object) { return static_cast<ObjectId>(object - 'A'); }

void tick(DrawnPicture& drawn, char channel, std::int64_t period_ns = 1000) {
  drawn.root(channel);  // its timer is pending
  drawn.picture().pending_timers.push_back(
      {.argument = id(channel), .sends_time = true, .period_ns = period_ns});
}

// Waits for the ticker's channel and for what ends it, both of which it has.
snapshot::Goroutine& loop(DrawnPicture& drawn, std::uint64_t goid, char ticker, char end) {
  std::string both{ticker, end};
  snapshot::Goroutine& goroutine = drawn.waits(goid, both, both, WaitKind::kSelect);
  goroutine.creator_goid = kGone;
  return goroutine;
}

DrawnPicture picture_of_test() {
  DrawnPicture drawn;
  snapshot::Snapshot& picture = drawn.picture();
  snapshot::Frame frame;
  frame.function = picture.strings.intern("testing.(*T).Run");
  frame.file = picture.strings.intern("testing.go");
  picture.stacks.add_frame(frame);
  return drawn;
}

DrawnPicture two_loops() {
  DrawnPicture drawn = picture_of_test();
  tick(drawn, 'T');
  tick(drawn, 'U');
  loop(drawn, 5, 'T', 'E');
  loop(drawn, 6, 'U', 'F');
  return drawn;
}

char letter_of(Holder holder) {
  switch (holder) {
    case Holder::kTicker:
      return 'T';
    case Holder::kListener:
      return 'L';
    case Holder::kKeptSession:
      return 'S';
    default:
      return 'O';
  }
}

// Waits for connections; 'N' is what the descriptor lies in.
snapshot::Goroutine& listener(DrawnPicture& drawn, std::uint64_t goid, const std::string& holds) {
  snapshot::Goroutine& goroutine = drawn.waits(goid, "", holds, WaitKind::kIo);
  snapshot::Snapshot& picture = drawn.picture();
  goroutine.creator_goid = kGone;
  snapshot::Frame frame;
  frame.function = picture.strings.intern("shop.TestServer");
  goroutine.created_by = picture.stacks.add_frame(frame);
  picture.io_waits.push_back({.goid = goid, .poll_desc = {}, .listens = true, .owner = id('N')});
  return goroutine;
}

// "goid:holder" of those that are told: T a loop, L a server, S of a session, O behind one.
std::string told(const snapshot::Snapshot& picture) {
  WakeGraph wakes(picture, compute_standings(picture));
  std::vector<Holder> found = find_unstoppable_loops(picture, wakes, prove(picture, wakes));
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i] != Holder::kNone)
      text += std::to_string(picture.goroutines[i].goid) + letter_of(found[i]);
  return text;
}

TEST(UnstoppableLoops, NobodyHasWhatEndsThem) {
  DrawnPicture drawn = two_loops();
  EXPECT_EQ(told(drawn.draw()), "5T6T");
}

// Elsewhere such a loop may be a service that ends itself.
TEST(UnstoppableLoops, TheProgramIsNoTestBinary) {
  DrawnPicture drawn = two_loops();
  drawn.picture().stacks = {};
  EXPECT_EQ(told(drawn.draw()), "");
}

TEST(UnstoppableLoops, SomebodyHasWhatEndsOne) {
  DrawnPicture drawn = two_loops();
  tick(drawn, 'V');
  loop(drawn, 7, 'V', 'G');
  drawn.root('G');
  EXPECT_EQ(told(drawn.draw()), "5T6T");
  DrawnPicture live = two_loops();
  live.runs(7, "E");
  EXPECT_EQ(told(live.draw()), "");  // the other one is alone
}

// Whatever it does waits for the loop, it may be the one that asked for its work.
TEST(UnstoppableLoops, ASleeperHasWhatEndsThem) {
  DrawnPicture drawn = two_loops();
  drawn.waits(7, "R", "EF").creator_goid = 1;
  drawn.root('R');
  EXPECT_EQ(told(drawn.draw()), "");
}

TEST(UnstoppableLoops, ASingleOneMayBeAService) {
  DrawnPicture drawn = picture_of_test();
  tick(drawn, 'T');
  loop(drawn, 5, 'T', 'E');
  EXPECT_EQ(told(drawn.draw()), "");
}

TEST(UnstoppableLoops, WhoStartedThemLivesOrIsNotKnown) {
  for (std::uint64_t starter : {std::uint64_t{0}, std::uint64_t{8}}) {
    DrawnPicture drawn = two_loops();
    drawn.runs(8, "");
    for (snapshot::Goroutine& goroutine : drawn.picture().goroutines)
      goroutine.creator_goid = starter;
    EXPECT_EQ(told(drawn.draw()), "");
  }
}

TEST(UnstoppableLoops, ATimerThatFiresOnceMayEndThem) {
  DrawnPicture drawn = picture_of_test();
  for (char channel : {'T', 'U'}) tick(drawn, channel, 0);
  loop(drawn, 5, 'T', 'E');
  loop(drawn, 6, 'U', 'F');
  EXPECT_EQ(told(drawn.draw()), "");
}

// A loop without any other exit may be meant so.
TEST(UnstoppableLoops, WhoWaitsForTicksOnlyIsNone) {
  DrawnPicture drawn = picture_of_test();
  for (char channel : {'T', 'U'}) tick(drawn, channel);
  for (std::uint64_t goid : {5, 6})
    drawn.waits(goid, goid == 5 ? "T" : "U", "", WaitKind::kSelect).creator_goid = kGone;
  EXPECT_EQ(told(drawn.draw()), "");
}

TEST(UnstoppableLoops, WhoServesThemIsBehindThem) {
  DrawnPicture drawn = two_loops();
  drawn.points('E', 'W');
  drawn.waits(7, "W", "W").creator_goid = kGone;
  EXPECT_EQ(told(drawn.draw()), "5T6T7O");
}

// It has been started by somebody who lives, and may be about to get what it waits for.
TEST(UnstoppableLoops, SomebodyWaitsForTheirResult) {
  DrawnPicture drawn = two_loops();
  drawn.points('E', 'R');
  drawn.waits(7, "R", "").creator_goid = 8;
  drawn.runs(8, "");
  EXPECT_EQ(told(drawn.draw()), "");
}

TEST(UnstoppableLoops, WhatIsProvenStaysSo) {
  DrawnPicture drawn = two_loops();
  drawn.waits(7, "L", "L").creator_goid = 8;
  drawn.runs(8, "");
  EXPECT_EQ(told(drawn.draw()), "5T6T");
}

TEST(UnstoppableLoops, AServerWhoseListenerNobodyElseHas) {
  DrawnPicture drawn = picture_of_test();
  listener(drawn, 5, "N");
  EXPECT_EQ(told(drawn.draw()), "5L");
}

TEST(UnstoppableLoops, SomebodyHasItsListener) {
  DrawnPicture by_global = picture_of_test();
  listener(by_global, 5, "N");
  by_global.root('A').points('A', 'N');
  EXPECT_EQ(told(by_global.draw()), "");
  DrawnPicture by_sleeper = picture_of_test();
  listener(by_sleeper, 5, "N");
  by_sleeper.runs(6, "N");
  EXPECT_EQ(told(by_sleeper.draw()), "");
}

TEST(UnstoppableLoops, WhoHasItsListenerWaitsForEver) {
  DrawnPicture drawn = picture_of_test();
  listener(drawn, 5, "N");
  drawn.waits(6, "C", "N").creator_goid = kGone;
  EXPECT_EQ(told(drawn.draw()), "5L");
}

TEST(UnstoppableLoops, OneThatWaitsForConnectionsClosesTheOther) {
  DrawnPicture drawn = picture_of_test();
  listener(drawn, 5, "N");
  listener(drawn, 6, "MN");
  drawn.picture().io_waits.back().owner = id('M');
  drawn.root('M');
  EXPECT_EQ(told(drawn.draw()), "");
}

TEST(UnstoppableLoops, AServerThatIsNone) {
  auto told_with = [](auto&& change) {
    DrawnPicture drawn = picture_of_test();
    change(drawn, listener(drawn, 5, "N"));
    return told(drawn.draw());
  };
  using Goroutine = snapshot::Goroutine;
  EXPECT_EQ(told_with([](DrawnPicture&, Goroutine&) {}), "5L");
  EXPECT_EQ(told_with([](DrawnPicture& drawn, Goroutine&) {
              drawn.picture().io_waits[0].deadline = snapshot::Deadline::kAhead;
            }),
            "");
  EXPECT_EQ(told_with([](DrawnPicture& drawn, Goroutine&) {
              drawn.picture().io_waits[0].listens = false;
            }),
            "");
  EXPECT_EQ(told_with([](DrawnPicture& drawn, Goroutine&) {
              drawn.picture().io_waits[0].owner = snapshot::kNone;
            }),
            "");
  EXPECT_EQ(told_with([](DrawnPicture&, Goroutine& one) { one.created_by = snapshot::kNone; }), "");
  EXPECT_EQ(told_with([](DrawnPicture&, Goroutine& one) { one.creator_goid = 0; }), "");
}

// Two sessions over a net.Pipe, whose goroutines are of yamux. The channels by which the ends are
// closed are 'C' and 'D'; each timer of a keep-alive ('K', 'L') leads to all.
class SessionsTest : public testing::Test {
 protected:
  SessionsTest() {
    tick(drawn_, 'T');
    tick(drawn_, 'U');
    measure(3, 'T', 'C');
    measure(4, 'U', 'D');
    read(5, "CDR");
    read(6, "DCQ");
    send(7, "CF", kYamux + "sendLoop");
    send(8, "DG", kYamux + "sendLoop");
    keep_alive('K', "PCDRF");
    keep_alive('L', "PCDQG");
  }
  static inline const std::string kYamux = "github.com/libp2p/go-yamux/v5.(*Session).";

  void stand(snapshot::Goroutine& goroutine, std::initializer_list<std::string> inwards) {
    snapshot::Snapshot& picture = drawn_.picture();
    std::vector<snapshot::FrameId> frames;
    for (const std::string& function : inwards) {
      auto [known, is_new] = frames_.try_emplace(function);
      if (is_new) {
        snapshot::Frame frame;
        frame.function = picture.strings.intern(function);
        known->second = picture.stacks.add_frame(frame);
      }
      frames.push_back(known->second);
    }
    goroutine.stack = picture.stacks.intern(frames);
    goroutine.creator_goid = kGone;
  }
  void measure(std::uint64_t goid, char ticker, char end) {
    stand(loop(drawn_, goid, ticker, end), {"runtime.selectgo", kYamux + "startMeasureRTT"});
  }
  void read(std::uint64_t goid, const std::string& on) {
    stand(drawn_.waits(goid, on, on, WaitKind::kSelect),
          {"runtime.selectgo", "net.(*pipe).read", "net.(*pipe).Read", kYamux + "recvLoop"});
  }
  void send(std::uint64_t goid, const std::string& on, const std::string& where) {
    stand(drawn_.waits(goid, on, on, WaitKind::kSelect), {"runtime.selectgo", where});
  }
  void set_timer(char timer, char closure, const std::string& function) {
    drawn_.points(timer, closure);
    for (char object : {timer, closure})
      drawn_.picture().roots.push_back({id(object), snapshot::RootKind::kTimer, Address(0x9000)});
    drawn_.picture().pending_timers.push_back(
        {.object = id(timer),
         .argument = id(closure),
         .function = drawn_.picture().strings.intern(function)});
  }
  void keep_alive(char timer, const std::string& reaches) {
    char closure = timer == 'K' ? 'X' : 'Y';
    for (char object : reaches) drawn_.points(closure, object);
    set_timer(timer, closure, kYamux + "startKeepalive.func1");
  }

  DrawnPicture drawn_ = picture_of_test();
  std::map<std::string, snapshot::FrameId> frames_;  // one of each place in the code
};

TEST_F(SessionsTest, AreKeptAliveForEver) { EXPECT_EQ(told(drawn_.draw()), "3S4S5S6S7S8S"); }

TEST_F(SessionsTest, SomebodyHasOneOfThem) {
  drawn_.runs(9, "C");
  EXPECT_EQ(told(drawn_.draw()), "");
}

TEST_F(SessionsTest, AnotherTimerMayEndThem) {
  drawn_.points('Z', 'C');
  set_timer('W', 'Z', "shop.(*Server).Close");
  EXPECT_EQ(told(drawn_.draw()), "");
}

// Then no ping is answered.
TEST_F(SessionsTest, TheOtherEndDoesNotRead) {
  drawn_.picture().goroutines[3].stack = drawn_.picture().goroutines[4].stack;
  EXPECT_EQ(told(drawn_.draw()), "");
}

TEST_F(SessionsTest, OneIsWriting) {
  send(9, "CH", "net.(*pipe).write");
  drawn_.points('X', 'H');
  EXPECT_EQ(told(drawn_.draw()), "");
}

// { mu, timer, cancel }: in 'B' the timer 'I' is followed by what it closes.
TEST_F(SessionsTest, ADeadlineClosesItsChannelOnly) {
  drawn_.points('B', 'I').points('B', 'J').points('B', 'R').points('A', 'B');
  set_timer('I', 'A', "net.(*pipeDeadline).set.func1");
  EXPECT_EQ(told(drawn_.draw()), "3S4S5S6S7S8S");
}

TEST_F(SessionsTest, ADeadlineOfARead) {
  drawn_.points('B', 'I').points('B', 'R').points('A', 'B');
  set_timer('I', 'A', "net.(*pipeDeadline).set.func1");
  EXPECT_EQ(told(drawn_.draw()), "");
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
