// The proof on pictures drawn by hand, one for each way a goroutine can or cannot be woken.
#include "analyses/goroutines/proof.h"

#include <gtest/gtest.h>

#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

using snapshot::Place;
using snapshot::Status;
using snapshot::WaitKind;

Proof prove_picture(const snapshot::Snapshot& picture) {
  std::vector<StandingWithReason> standings = compute_standings(picture);
  if (std::string_view why = spoiled_by(picture); !why.empty())
    return prove_nothing(standings, why);
  WakeGraph wakes(picture, standings);
  return prove(picture, wakes);
}

// "goid:state" of all goroutines: L leaked, A alive, H held, U unknown.
std::string states(const snapshot::Snapshot& picture) {
  Proof proof = prove_picture(picture);
  std::string text;
  for (std::size_t i = 0; i < proof.states.size(); ++i)
    text += std::to_string(picture.goroutines[i].goid) + "AHLU"[static_cast<int>(proof.states[i])];
  return text;
}

TEST(Proof, WhatNobodyReachesIsLeaked) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "A");
  drawn.runs(2, "B");
  drawn.points('B', 'C');
  EXPECT_EQ(states(drawn.draw()), "1L2A");
}

TEST(Proof, AGlobalOrARunningGoroutineThatReachesTheChannelKeepsItAlive) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "");
  drawn.waits(2, "B", "");
  drawn.runs(3, "C");
  drawn.points('C', 'D').points('D', 'A').root('E').points('E', 'B');
  EXPECT_EQ(states(drawn.draw()), "1A2A3A");
}

TEST(Proof, ALivingWaiterKeepsAliveWhatItHolds) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "B");  // A is reachable, so 1 may go on and use B
  drawn.waits(2, "B", "C");
  drawn.waits(3, "C", "");
  drawn.root('A');
  EXPECT_EQ(states(drawn.draw()), "1A2A3A");
}

TEST(Proof, LeakedGoroutinesDoNotKeepEachOtherAlive) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "B");
  drawn.waits(2, "B", "A");
  EXPECT_EQ(states(drawn.draw()), "1L2L");
}

TEST(Proof, OneReachableCaseOfASelectIsEnough) {
  DrawnPicture drawn;
  drawn.waits(1, "AB", "", WaitKind::kSelect);
  drawn.waits(2, "AC", "", WaitKind::kSelect);
  drawn.root('B');
  EXPECT_EQ(states(drawn.draw()), "1A2L");
}

TEST(Proof, AReachableWeakHandleCanBringItsTargetBack) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "A");
  drawn.waits(2, "B", "B");
  drawn.weak('H', 'A').weak('I', 'B').root('H');  // nobody holds I
  EXPECT_EQ(states(drawn.draw()), "1A2L");
}

TEST(Proof, AnUnknownGoroutineIsLiveForTheOthers) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "B").waits_complete = false;
  drawn.waits(2, "B", "");
  EXPECT_EQ(states(drawn.draw()), "1U2A");
}

TEST(Proof, ADoubtThatSpoilsProofsLeavesNothingProven) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "");
  drawn.runs(2, "");
  drawn.picture().doubts.push_back({"a span could not be read", true});
  EXPECT_EQ(states(drawn.draw()), "1U2A");
  EXPECT_EQ(prove_picture(drawn.picture()).unknown_reasons[0], "a span could not be read");
}

TEST(Proof, ADoubtThatDoesNotSpoilLeavesItAlone) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "");
  drawn.picture().doubts.push_back({"a name could not be read", false});
  EXPECT_EQ(states(drawn.draw()), "1L");
}

TEST(Proof, WithoutTheHeapNothingIsProven) {
  DrawnPicture drawn;
  drawn.waits(1, "A", "");
  drawn.draw().picture.has_references = false;
  EXPECT_EQ(states(drawn.picture()), "1U");
}

// Each change of one fact of an otherwise leaked goroutine, and what becomes of it.
TEST(Proof, OneFactAmissIsEnoughToBeCareful) {
  struct Case {
    const char* what;
    void (*change)(snapshot::Goroutine&, snapshot::Wait&, snapshot::Snapshot&);
    const char* state;
  };
  const Case cases[] = {
      {"as it is", [](auto&, auto&, auto&) {}, "1L"},
      {"runnable", [](auto& g, auto&, auto&) { g.status = Status::kRunnable; }, "1A"},
      {"in a system call", [](auto& g, auto&, auto&) { g.status = Status::kSyscall; }, "1A"},
      {"stack being copied", [](auto& g, auto&, auto&) { g.status = Status::kCopystack; }, "1A"},
      {"marked leaked by the runtime", [](auto& g, auto&, auto&) { g.status = Status::kLeaked; },
       "1L"},
      {"waits for IO", [](auto& g, auto&, auto&) { g.wait_kind = WaitKind::kIo; }, "1A"},
      {"sleeps", [](auto& g, auto&, auto&) { g.wait_kind = WaitKind::kSleep; }, "1A"},
      {"the runtime's own wait", [](auto& g, auto&, auto&) { g.wait_kind = WaitKind::kRuntime; },
       "1A"},
      {"a coroutine", [](auto& g, auto&, auto&) { g.wait_kind = WaitKind::kCoroutine; }, "1L"},
      {"a coroutine in we do not know what",
       [](auto& g, auto&, auto&) { g.wait_count = 0, g.wait_kind = WaitKind::kCoroutine; }, "1A"},
      {"unknown reason", [](auto& g, auto&, auto&) { g.wait_kind = WaitKind::kUnknown; }, "1U"},
      {"system goroutine", [](auto& g, auto&, auto&) { g.system = true; }, "1A"},
      {"C called back", [](auto& g, auto&, auto&) { g.in_cgo_callback = true; }, "1A"},
      {"being scanned", [](auto& g, auto&, auto&) { g.scanning = true; }, "1U"},
      {"not parked", [](auto& g, auto&, auto&) { g.parked = false; }, "1U"},
      {"stack cut short", [](auto& g, auto&, auto&) { g.stack_complete = false; }, "1U"},
      {"in doubt", [](auto& g, auto&, auto& s) { g.doubt = s.strings.intern("torn"); }, "1U"},
      {"waits not all found", [](auto& g, auto&, auto&) { g.waits_complete = false; }, "1U"},
      {"waits for nothing though it says so", [](auto& g, auto&, auto&) { g.wait_count = 0; },
       "1U"},
      {"select of nil channels",
       [](auto& g, auto&, auto&) { g.wait_count = 0, g.wait_kind = WaitKind::kSelect; }, "1L"},
      {"select {}",
       [](auto& g, auto&, auto&) { g.wait_count = 0, g.wait_kind = WaitKind::kSelectNoCases; },
       "1L"},
      {"nil channel",
       [](auto& g, auto&, auto&) { g.wait_count = 0, g.wait_kind = WaitKind::kNilChanSend; }, "1L"},
      {"taken out of its queue", [](auto&, auto& w, auto&) { w.linked = false; }, "1A"},
      {"its select is decided", [](auto& g, auto&, auto&) { g.select_done = true; }, "1A"},
      {"a global", [](auto&, auto& w, auto&) { w.place = Place::kImage; }, "1A"},
      {"on another stack", [](auto&, auto& w, auto&) { w.place = Place::kOtherStack; }, "1A"},
      {"nowhere we know", [](auto&, auto& w, auto&) { w.place = Place::kElsewhere; }, "1A"},
      {"on its own stack",
       [](auto&, auto& w, auto&) { w.place = Place::kOwnStack, w.object = snapshot::kNone; }, "1L"},
  };
  for (const Case& one : cases) {
    DrawnPicture drawn;
    snapshot::Goroutine& goroutine = drawn.waits(1, "A", "");
    snapshot::Snapshot& picture = drawn.draw();
    one.change(goroutine, picture.waits[0], picture);
    EXPECT_EQ(states(picture), one.state) << one.what;
  }
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
