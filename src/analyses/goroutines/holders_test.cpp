// Who is likely leaked, on pictures drawn by hand: each rule with its twin that must stay alive.
#include "analyses/goroutines/holders.h"

#include <gtest/gtest.h>

#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

using snapshot::Context;
using snapshot::ObjectId;
using snapshot::RootKind;

ObjectId id(char object) { return static_cast<ObjectId>(object - 'A'); }

// A context C with Done channel D; its parent P keeps its children in the map M: P -> M -> C -> D.
DrawnPicture& draw_contexts(DrawnPicture& drawn) {
  drawn.points('P', 'M').points('M', 'C').points('C', 'D').points('C', 'P');
  drawn.picture().contexts = {{.object = id('C'), .done = id('D'), .parent = id('P')},
                              {.object = id('P'), .children = id('M')}};
  return drawn;
}

void attach(DrawnPicture& drawn, char owner, char referred, RootKind kind = RootKind::kFinalizer) {
  drawn.picture().roots.push_back({id(referred), kind, Address(0x1000 + 16 * id(owner))});
}

// "goid:holder" of all goroutines: L leaked, A alive, and of what is held C, F, O, T, H.
std::string holders(const snapshot::Snapshot& picture) {
  WakeGraph wakes(picture, compute_standings(picture));
  Proof proof = prove(picture, wakes);
  Holders found(picture, wakes, proof);
  std::string text;
  for (std::size_t i = 0; i < proof.states.size(); ++i) {
    bool is_held = proof.states[i] == State::kHeld;
    char letter = is_held ? "ACFOTKH"[static_cast<int>(found.of(i))]
                          : (proof.states[i] == State::kLeaked ? 'L' : 'A');
    text += std::to_string(picture.goroutines[i].goid) + letter;
  }
  return text;
}

TEST(Holders, AContextThatOnlyItsParentKnows) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.waits(5, "D", "C");
  EXPECT_EQ(holders(drawn.draw()), "5C");
}

TEST(Holders, AContextWhoseCancelFunctionSomebodyHas) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.waits(5, "D", "C");
  drawn.runs(6, "F");
  drawn.points('F', 'C');
  EXPECT_EQ(holders(drawn.draw()), "5A6A");
}

// defer cancel(), in the goroutine that waits: it waits for the parent's end.
TEST(Holders, WhoHasTheCancelFunctionItselfIsAlive) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.points('F', 'C').points('G', 'E');
  drawn.waits(5, "D", "CF");
  drawn.waits(6, "D", "CG");  // that of another one
  EXPECT_EQ(holders(drawn.draw()), "5A6C");
}

TEST(Holders, WithoutItsParentItIsProven) {
  DrawnPicture drawn;
  draw_contexts(drawn);
  drawn.waits(5, "D", "C");
  EXPECT_EQ(holders(drawn.draw()), "5L");
}

TEST(Holders, OneThatWaitsForMoreThanTheContextIsAlive) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P').root('X');
  drawn.waits(5, "DX", "C", snapshot::WaitKind::kSelect);
  EXPECT_EQ(holders(drawn.draw()), "5A");
}

// A request's context: whoever serves the request has its cancel function.
TEST(Holders, AParentThatIsNotThereForLong) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('Q');
  drawn.points('Q', 'F').points('F', 'P');  // a list of functions, one of which ends the parent
  drawn.waits(5, "D", "C");
  EXPECT_EQ(holders(drawn.draw()), "5A");
}

TEST(Holders, AParentOnMainsStackIsThereForLongIfItWasMadeFromNoOther) {
  DrawnPicture drawn;
  draw_contexts(drawn);
  drawn.runs(1, "P");
  drawn.waits(2, "D", "C");
  EXPECT_EQ(holders(drawn.draw()), "1A2C");
  drawn.picture().contexts[1].parent = id('S');
  drawn.picture().contexts.push_back({.object = id('S'), .children = id('T')});
  EXPECT_EQ(holders(drawn.picture()), "1A2A");
}

// defer cancel() in main, after which it never needs the context itself.
TEST(Holders, AParentWhoseCancelFunctionMainHasIsThereForLong) {
  DrawnPicture drawn;
  draw_contexts(drawn);
  drawn.runs(1, "F");
  drawn.points('F', 'P');
  drawn.waits(2, "D", "C");
  EXPECT_EQ(holders(drawn.draw()), "1A2C");
  drawn.picture().contexts.push_back({.object = id('S'), .children = id('T')});
  drawn.picture().contexts[1].parent = id('S');
  EXPECT_EQ(holders(drawn.picture()), "1A2A");
}

// signal.NotifyContext: main has what embeds the context that has children.
TEST(Holders, AParentThatIsWrappedInOneThatMainHas) {
  DrawnPicture drawn;
  draw_contexts(drawn);
  drawn.runs(1, "W");
  drawn.points('W', 'P').points('C', 'W');
  drawn.waits(2, "D", "C");
  snapshot::Snapshot& picture = drawn.draw();
  picture.contexts[0].parent = id('W');
  picture.contexts.push_back(
      {.object = id('W'), .parent = id('P'), .type = picture.strings.intern("signal.signalCtx")});
  EXPECT_EQ(holders(picture), "1A2C");
  picture.contexts[2].type = picture.strings.intern("context.cancelCtx");
  EXPECT_EQ(holders(picture), "1A2A");  // one of its own, made from the other
}

TEST(Holders, WhatRefersToSeveralContextsIsAListOfThem) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('Q');
  drawn.points('Q', 'P').points('Q', 'S');
  drawn.picture().contexts.push_back({.object = id('S'), .children = id('T')});
  drawn.waits(5, "D", "C");
  EXPECT_EQ(holders(drawn.draw()), "5A");
}

TEST(Holders, AParentThatEndsByATimer) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.waits(5, "D", "C");
  drawn.picture().contexts[1].type = drawn.picture().strings.intern("context.timerCtx");
  EXPECT_EQ(holders(drawn.draw()), "5A");
}

// The session's context, a child of the lasting S, is far from any root; who has it may end it all
// the same.
TEST(Holders, AParentThatSomebodyHasFarFromItsOwnParent) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('S').root('Q');
  drawn.points('S', 'T').points('T', 'P').points('P', 'S');
  drawn.points('Q', 'E').points('E', 'F').points('F', 'G').points('G', 'H').points('H', 'P');
  drawn.picture().contexts[1].parent = id('S');
  drawn.picture().contexts.push_back({.object = id('S'), .children = id('T')});
  drawn.waits(5, "D", "C");
  EXPECT_EQ(holders(drawn.draw()), "5A");
}

// Main has the cancel function of the context that it waits for (defer cancel()), and is woken at
// the program's end.
TEST(Holders, WhoWaitsForAContextThatMainWaitsForTooIsAlive) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.waits(1, "D", "CE");
  drawn.waits(2, "D", "C");
  drawn.waits(3, "E", "");
  EXPECT_EQ(holders(drawn.draw()), "1A2A3A");
}

// E is reached over the goroutine itself, and comes before the channel by which it is reached.
TEST(Holders, OneThatWaitsForAChannelOfItsOwnTooIsDecided) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.waits(5, "ED", "CE", snapshot::WaitKind::kSelect);
  EXPECT_EQ(holders(drawn.draw()), "5C");
}

TEST(Holders, TwoThatWaitForEachOtherAndForTheirContextAreDecided) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.waits(5, "ED", "CG", snapshot::WaitKind::kSelect);
  drawn.waits(6, "GD", "CE", snapshot::WaitKind::kSelect);
  EXPECT_EQ(holders(drawn.draw()), "5C6C");
}

// context.AfterFunc: the parent's end calls a function, which may wake anybody.
TEST(Holders, AFunctionThatTheParentCallsAtItsEndWakes) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.points('M', 'F').points('F', 'E');
  drawn.waits(5, "E", "");
  EXPECT_EQ(holders(drawn.draw()), "5A");
}

// The table M of a transport, which a global variable has; then somebody has the response too.
TEST(Holders, AnHttpClientsTableOfRequests) {
  DrawnPicture drawn;
  drawn.root('M').points('M', 'F').points('F', 'E');
  drawn.waits(5, "E", "P");
  drawn.waits(6, "P", "");
  snapshot::Snapshot& picture = drawn.draw();
  picture.contexts = {
      {.object = id('M'), .children = id('M'), .type = picture.strings.intern("http.Transport")}};
  EXPECT_EQ(holders(picture), "5H6O");
  picture.roots.push_back({id('P'), RootKind::kGlobal, Address(0x500010)});
  EXPECT_EQ(holders(picture), "5H6A");
  picture.roots.push_back({id('E'), RootKind::kGlobal, Address(0x500018)});
  EXPECT_EQ(holders(picture), "5A6A");
}

TEST(Holders, AMapOfAnotherContextIsNoReason) {
  DrawnPicture drawn;
  drawn.points('P', 'M').points('M', 'C').points('C', 'D').root('P');
  drawn.picture().contexts = {{.object = id('C'), .done = id('D')},
                              {.object = id('P'), .children = id('M')}};
  drawn.waits(5, "D", "C");
  EXPECT_EQ(holders(drawn.draw()), "5A");
}

TEST(Holders, WhomOnlyAHeldGoroutineCanWake) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.waits(5, "D", "CE");
  drawn.waits(6, "E", "G");
  drawn.waits(7, "G", "");
  EXPECT_EQ(holders(drawn.draw()), "5C6O7O");
}

TEST(Holders, WhomAGoroutineThatIsAliveAfterAllHoldsIsAlive) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.points('M', 'F').points('F', 'E');
  drawn.waits(5, "E", "G");
  drawn.waits(6, "G", "");
  EXPECT_EQ(holders(drawn.draw()), "5A6A");
}

TEST(Holders, AFinalizerWhoseObjectTheWaitingGoroutineKeeps) {
  for (RootKind kind : {RootKind::kFinalizer, RootKind::kCleanup}) {
    DrawnPicture drawn;
    drawn.waits(5, "D", "O");
    attach(drawn, 'O', 'D', kind);
    EXPECT_EQ(holders(drawn.draw()), "5F");
  }
}

TEST(Holders, AFinalizerWhoseObjectIsGarbageOrHasALivingOwnerRuns) {
  DrawnPicture garbage;
  garbage.waits(5, "D", "");
  attach(garbage, 'O', 'D');
  EXPECT_EQ(holders(garbage.draw()), "5A");
  DrawnPicture owned;
  owned.waits(5, "D", "O");
  owned.runs(6, "O");
  attach(owned, 'O', 'D');
  EXPECT_EQ(holders(owned.draw()), "5A6A");
}

// One finalizer's object is what another's function refers to.
TEST(Holders, FinalizersThatLeadToEachOther) {
  DrawnPicture drawn;
  drawn.waits(5, "D", "O");
  attach(drawn, 'Q', 'O');
  attach(drawn, 'O', 'D');
  EXPECT_EQ(holders(drawn.draw()), "5A");  // Q is garbage: its finalizer gets O, may drop it
}

TEST(Holders, FinalizersInACycleNeverRun) {
  DrawnPicture drawn;
  drawn.waits(5, "D", "");
  attach(drawn, 'O', 'Q');
  attach(drawn, 'O', 'D');
  attach(drawn, 'Q', 'O');
  drawn.points('O', 'Q').points('O', 'D').points('Q', 'O');
  EXPECT_EQ(holders(drawn.draw()), "5F");
}

DrawnPicture& idle(DrawnPicture& drawn, char timer, char channel, bool may_be_set_again) {
  drawn.picture().idle_timers.push_back({.object = id(timer),
                                         .channel = id(channel),
                                         .ticks = true,
                                         .may_be_set_again = may_be_set_again});
  return drawn.points(timer, channel).points(channel, timer);
}

TEST(Holders, ATimerThatNothingSetsAgain) {
  DrawnPicture drawn;
  idle(drawn, 'T', 'C', false).root('S').points('S', 'T');
  drawn.runs(6, "S");
  drawn.waits(5, "C", "T");
  EXPECT_EQ(holders(drawn.draw()), "6A5T");
}

TEST(Holders, ATimerThatMayBeSetAgain) {
  DrawnPicture drawn;
  idle(drawn, 'T', 'C', true).root('T');
  drawn.waits(5, "C", "T");
  EXPECT_EQ(holders(drawn.draw()), "5A");
}

TEST(Holders, WhoWaitsForMoreThanAnIdleTimerIsAliveIfAnyOfItIs) {
  DrawnPicture alive;
  idle(alive, 'T', 'C', false).root('T').root('Q');
  alive.waits(5, "CQ", "T", snapshot::WaitKind::kSelect);
  EXPECT_EQ(holders(alive.draw()), "5A");
  DrawnPicture held;
  idle(held, 'T', 'C', false).root('T');
  held.waits(5, "CQ", "TQ", snapshot::WaitKind::kSelect);
  EXPECT_EQ(holders(held.draw()), "5T");
}

// What hangs on the timer besides (the p that had it last) is no business of this rule.
TEST(Holders, AnotherChannelBehindAnIdleTimer) {
  DrawnPicture drawn;
  idle(drawn, 'T', 'C', false).root('T').points('T', 'D');
  drawn.waits(5, "D", "");
  EXPECT_EQ(holders(drawn.draw()), "5A");
}

TEST(Holders, AnIdleTimerThatNothingReachesIsProven) {
  DrawnPicture drawn;
  idle(drawn, 'T', 'C', false);
  drawn.waits(5, "C", "T");
  EXPECT_EQ(holders(drawn.draw()), "5L");
}

TEST(Holders, ThePathBeginsAtARootOrAtTheLastGoroutine) {
  DrawnPicture drawn;
  draw_contexts(drawn).root('P');
  drawn.waits(5, "D", "CE");
  drawn.waits(6, "E", "");
  const snapshot::Snapshot& picture = drawn.draw();
  WakeGraph wakes(picture, compute_standings(picture));
  Proof proof = prove(picture, wakes);
  Holders found(picture, wakes, proof);
  snapshot::HoldingPath path = found.path_to(0);
  EXPECT_EQ(path.goid, 0U);
  EXPECT_EQ(path.root.kind, RootKind::kGlobal);
  EXPECT_EQ(path.objects, (std::vector<ObjectId>{id('P'), id('M'), id('C'), id('D')}));
  path = found.path_to(1);
  EXPECT_EQ(path.goid, 5U);
  EXPECT_EQ(path.objects, std::vector<ObjectId>{id('E')});
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
