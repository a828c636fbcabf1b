// Who may have made a context, on pictures drawn by hand: each place to look at, with its twin.
#include "analyses/goroutines/context_makers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyses/goroutines/advice.h"
#include "analyses/goroutines/picture_for_tests.h"

namespace goshawk::analyses::goroutines {
namespace {

using snapshot::FrameId;
using snapshot::Goroutine;
using ::testing::HasSubstr;

constexpr std::string_view kCancel = "context.WithCancel", kTimeout = "context.WithTimeout";

// Goroutine 5 waits for context C with Done channel D; main.spawn has started it.
class ContextMakersTest : public ::testing::Test {
 protected:
  ContextMakersTest() : goroutine_(drawn_.waits(5, "D", "")) {
    picture().contexts = {{.object = 2, .done = 3, .type = intern("context.cancelCtx")}};
    goroutine_.created_by = frame("main.spawn");
    goroutine_.started_at = frame("main.spawn.func1");
    goroutine_.stack = stack({"main.wait", "main.spawn.func1"});
  }

  snapshot::Snapshot& picture() { return drawn_.picture(); }
  snapshot::StringId intern(std::string_view text) { return picture().strings.intern(text); }
  FrameId frame(std::string_view function, std::uint32_t line = 1) {
    snapshot::Frame made;
    made.function = made.symbol = intern(function);
    made.file = intern("/src/serve.go");
    made.line = line;
    return picture().stacks.add_frame(made);
  }
  snapshot::StackId stack(std::initializer_list<std::string_view> functions) {
    std::vector<FrameId> frames;
    for (std::string_view function : functions) frames.push_back(frame(function));
    return picture().stacks.intern(frames);
  }
  void calls(std::string_view function, std::string_view maker = kCancel, std::uint32_t line = 42,
             bool of_standard_library = false) {
    picture().context_calls.push_back({.function = intern(function),
                                       .place = frame(function, line),
                                       .maker = intern(maker),
                                       .of_standard_library = of_standard_library});
  }
  void calls_one_that_calls(std::string_view function, std::string_view callee) {
    calls(callee);
    picture().context_calls.back().called_by = intern(function);
  }
  // The last call's function is one that leads to main.spawn.
  void leads_by(std::string_view function) {
    picture().context_calls.back().starter = intern("main.spawn");
    picture().context_calls.back().leads_by = intern(function);
  }
  std::vector<ContextMaker> makers(bool may_be_timed = false) {
    return find_context_makers(picture(), goroutine_, may_be_timed);
  }
  std::string told() { return describe_context_makers(picture(), makers()); }

  DrawnPicture drawn_;
  Goroutine& goroutine_;
};

TEST_F(ContextMakersTest, WhoHasStartedTheGoroutine) {
  calls("main.spawn");
  EXPECT_EQ(told(),
            "the context was probably made by main.spawn, which calls context.WithCancel "
            "(serve.go:42) and started this goroutine: whoever made it should have called its "
            "cancel function");
  EXPECT_EQ(
      advise("goroutine/lost-cancel", picture(), goroutine_, {&goroutine_}, makers()),
      "call the cancel function that main.spawn gets from context.WithCancel (serve.go:42) on "
      "every path: by defer there, or where what the context was made for ends");
}

TEST_F(ContextMakersTest, NobodyNearMakesContexts) {
  calls("main.other");
  calls("main.spawn.func10");
  EXPECT_EQ(told(), "");
  EXPECT_THAT(advise("goroutine/lost-cancel", picture(), goroutine_, {&goroutine_}, makers()),
              HasSubstr("begin at main.spawn"));
}

TEST_F(ContextMakersTest, WhoIsOnItsStack) {
  calls("main.wait");
  EXPECT_THAT(told(), HasSubstr("main.wait, which calls context.WithCancel (serve.go:42) and is on "
                                "its stack"));
}

TEST_F(ContextMakersTest, WhoCallsWhoHasStartedIt) {
  calls("main.serve");
  leads_by("main.spawn");
  EXPECT_THAT(told(),
              HasSubstr("may have been made by main.serve, which calls context.WithCancel "
                        "(serve.go:42) and calls main.spawn, which started this goroutine"));
  EXPECT_THAT(advise_context_maker(picture(), makers()), HasSubstr("that main.serve gets"));
}

TEST_F(ContextMakersTest, WhoCallsItFromFartherAway) {
  calls("main.serve");
  leads_by("main.middle");
  EXPECT_THAT(told(), HasSubstr("calls main.middle, which leads to main.spawn, which started"));
}

TEST_F(ContextMakersTest, WhoCallsTheStarterOfAnotherIsNone) {
  calls("main.serve");
  leads_by("main.spawn");
  picture().context_calls.back().starter = intern("main.other");
  EXPECT_EQ(told(), "");
}

TEST_F(ContextMakersTest, WhatIsMadeFromTheBackgroundWasNotMadeFromAnother) {
  calls("main.spawn");
  picture().context_calls.back().parent_is_root = true;
  EXPECT_THAT(told(), HasSubstr("main.spawn"));
  picture().contexts.push_back({.object = 7, .type = intern("context.emptyCtx")});
  picture().contexts[0].parent = 7;  // up to Go 1.20
  EXPECT_THAT(told(), HasSubstr("main.spawn"));
  picture().contexts[1].type = intern("context.cancelCtx");
  EXPECT_EQ(told(), "");
  picture().context_calls.back().parent_is_root = false;
  EXPECT_THAT(told(), HasSubstr("main.spawn"));
}

TEST_F(ContextMakersTest, SeveralThatAreEquallyNearAreAllNamed) {
  calls("main.spawn");
  calls("main.wait", kCancel, 7);
  EXPECT_THAT(told(), HasSubstr("may have been made by main.spawn, which calls context.WithCancel "
                                "(serve.go:42) and started this goroutine, or main.wait, which "));
  EXPECT_EQ(advise_context_maker(picture(), makers()), "");
}

TEST_F(ContextMakersTest, OfOneFunctionAllCallsAreTold) {
  calls("main.spawn");
  calls("main.spawn", kCancel, 50);
  EXPECT_THAT(told(), HasSubstr("calls context.WithCancel (serve.go:42, serve.go:50) and started"));
}

TEST_F(ContextMakersTest, WhereTheLiteralIsWritten) {
  goroutine_.created_by = frame("golang.org/x/sync/errgroup.(*Group).Go");
  calls("main.spawn", "golang.org/x/sync/errgroup.WithContext");
  EXPECT_THAT(told(), HasSubstr("and in which main.spawn.func1 is written"));
  EXPECT_THAT(advise_context_maker(picture(), makers()),
              HasSubstr("call Wait of the errgroup that main.spawn gets"));
}

// Of a member of an errgroup the literal is not what the goroutine began with.
TEST_F(ContextMakersTest, WhereALiteralOnItsStackIsWritten) {
  goroutine_.created_by = frame("golang.org/x/sync/errgroup.(*Group).Go");
  goroutine_.started_at = frame("golang.org/x/sync/errgroup.(*Group).Go.func1");
  calls("main.spawn");
  EXPECT_THAT(told(), HasSubstr("was probably made by main.spawn, which calls context.WithCancel "
                                "(serve.go:42) and in which main.spawn.func1 is written"));
}

TEST_F(ContextMakersTest, WhatWasInlinedHasNotStartedItItself) {
  calls("main.spawn");
  FrameId inlined = frame("main.newSession", 9);
  picture().context_calls[0].place = picture().stacks.add_frame([&] {
    snapshot::Frame place = picture().stacks.frame(inlined);
    place.inlined = true;
    return place;
  }());
  EXPECT_THAT(told(), HasSubstr("probably made by main.newSession, which calls context.WithCancel "
                                "(serve.go:9) and is called by main.spawn, which started this "
                                "goroutine"));
}

TEST_F(ContextMakersTest, WhatTheCreatorCallsOnlyWhereNobodyIsNearer) {
  calls_one_that_calls("main.spawn", "main.newSession");
  EXPECT_THAT(told(),
              HasSubstr("may have been made by main.newSession, which calls context.WithCancel "
                        "(serve.go:42) and is called by main.spawn"));
  EXPECT_THAT(advise_context_maker(picture(), makers()),
              HasSubstr("that main.newSession gets from"));
  calls("main.spawn");
  EXPECT_THAT(told(), HasSubstr("was probably made by main.spawn"));
}

TEST_F(ContextMakersTest, WhatIsCalledWhereTheLiteralIsWritten) {
  goroutine_.created_by = frame("golang.org/x/sync/errgroup.(*Group).Go");
  calls_one_that_calls("main.spawn", "main.newGroup");
  EXPECT_THAT(told(), HasSubstr("and is called where main.spawn.func1 is written"));
  picture().context_calls[0].called_by = intern("main.other");
  EXPECT_EQ(told(), "");
}

TEST_F(ContextMakersTest, WhoIsOnTheStackOfTheCreatorOnlyWhereNobodyIsNearer) {
  Goroutine& creator = drawn_.runs(4, "");
  creator.stack = stack({"main.spawn", "main.serve"});
  goroutine_.creator_goid = 4;
  calls("main.serve");
  EXPECT_THAT(told(),
              HasSubstr("main.serve, which calls context.WithCancel (serve.go:42) and is on "
                        "the stack of goroutine 4, which started it"));
  calls("main.spawn");
  EXPECT_THAT(told(), HasSubstr("was probably made by main.spawn"));
}

TEST_F(ContextMakersTest, WhoLedToItWhereAncestorsAreKept) {
  picture().ancestors = {
      {.goid = 2, .created_by = frame("main.main"), .stack = stack({"main.accept"})}};
  goroutine_.ancestor_count = 1;
  calls("main.accept");
  EXPECT_THAT(told(), HasSubstr("main.accept, which calls context.WithCancel (serve.go:42) and led "
                                "to its start"));
}

TEST_F(ContextMakersTest, TheProgramsOwnFunctionsComeBeforeTheLibrarys) {
  calls("main.spawn", kCancel, 3, true);
  calls("main.wait");
  EXPECT_THAT(told(), HasSubstr("was probably made by main.wait"));
  picture().context_calls.pop_back();
  EXPECT_THAT(told(), HasSubstr("was probably made by main.spawn"));
}

TEST_F(ContextMakersTest, WhatEndsByTimeIsMadeByOthersThanWhatIsOnlyCancelled) {
  calls("main.spawn", kTimeout);
  EXPECT_EQ(told(), "");
  picture().contexts[0].type = intern("context.timerCtx");
  EXPECT_THAT(told(), HasSubstr("calls context.WithTimeout"));
  picture().context_calls.clear();
  calls("main.spawn");
  EXPECT_EQ(told(), "");
}

// WithTimeout of a parent that ends earlier makes one that can only be cancelled.
TEST_F(ContextMakersTest, OneMadeOfWhatEndsEarlierMayBeOfATimeout) {
  picture().contexts[0].parent = 6;
  picture().contexts.push_back({.object = 6, .type = intern("context.timerCtx")});
  calls("main.spawn", kTimeout);
  EXPECT_THAT(told(), HasSubstr("calls context.WithTimeout"));
}

TEST_F(ContextMakersTest, OfAContextOfUnknownKindATimerMayBePendingOnlyWhereItMayEnd) {
  picture().contexts[0].type = snapshot::kNone;
  calls("main.spawn", kTimeout);
  EXPECT_TRUE(makers(false).empty());
  EXPECT_EQ(makers(true).size(), 1U);
}

TEST_F(ContextMakersTest, WhoWaitsForNoContextHasNoMaker) {
  picture().contexts.clear();
  picture().waits[0].element_type = intern("main.job");
  calls("main.spawn");
  EXPECT_EQ(told(), "");
}

// The collector has taken the context away.
TEST_F(ContextMakersTest, AChannelOfStructsMayBeWhatIsLeftOfAContext) {
  picture().contexts.clear();
  picture().waits[0].element_type = intern("struct {}");
  calls("main.spawn");
  EXPECT_THAT(describe_context_makers(picture(), makers(), false),
              HasSubstr("if it is the Done channel of a context, that was probably made by "
                        "main.spawn, which"));
  EXPECT_THAT(advise("goroutine/blocked-receive", picture(), goroutine_, {&goroutine_}, makers()),
              HasSubstr("if this is the Done channel of a context, call the cancel function that "
                        "main.spawn gets"));
}

}  // namespace
}  // namespace goshawk::analyses::goroutines
