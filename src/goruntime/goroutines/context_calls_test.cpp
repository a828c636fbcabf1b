// A goroutine that waits for a context, and functions near it whose code makes some.
#include "goruntime/goroutines/context_calls.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint32_t kLineBytes = 16, kLines = 4;

class ContextCallsTest : public testing::TestWithParam<bool> {
 protected:
  ContextCallsTest() : program_(27, is_arm64()) {
    for (const char* name : {"context.WithCancel", "context.WithTimeout",
                             "context.(*cancelCtx).propagateCancel", "main.other"})
      entries_[name] = program_.add({.name = name});
    for (const char* name : {"main.spawn", "main.spawn.func1", "main.far", "net/http.serve"})
      entries_[name] = program_.add(lines(name));
    SyntheticProgram::Function inlining = lines("main.inlining");
    inlining.inline_index = {{kLineBytes * 2, -1}, {kLineBytes * 3, 1}, {kLineBytes * 4, -1}};
    inlining.inlined = {{.name = "main.helper", .parent_pc = 0},
                        {.name = "context.WithCancel", .parent_pc = kLineBytes}};
    entries_[inlining.name] = program_.add(inlining);
    program_.add({.name = "main.last"});
    memory_.map(SyntheticProgram::kText, 0x1000);
  }
  static bool is_arm64() { return GetParam(); }

  static SyntheticProgram::Function lines(const std::string& name) {
    SyntheticProgram::Function made{.name = name, .size_bytes = kLineBytes * kLines};
    for (std::uint32_t line = 1; line <= kLines; ++line)
      made.lines.emplace_back(line * kLineBytes, static_cast<std::int32_t>(line));
    made.files = {{kLineBytes * kLines, 0}};
    return made;
  }
  void call(const std::string& caller, std::uint32_t line, const std::string& callee) {
    Address at = entries_.at(caller) + ((line - 1) * kLineBytes + 4);
    std::uint64_t distance = entries_.at(callee) - at;
    if (is_arm64()) {
      memory_.write(at, 0x94000000U | (static_cast<std::uint32_t>(distance >> 2) & 0x3ffffff));
    } else {
      memory_.write(at, std::uint8_t{0xe8});
      memory_.write(at + 1, static_cast<std::uint32_t>(distance - 5));
    }
  }
  snapshot::FrameId frame(const std::string& function) {
    snapshot::Frame made;
    made.pc = entries_.at(function) + 8;
    made.entry_offset = 8;
    return picture_.stacks.add_frame(made);
  }
  void add_waiting(const std::string& creator, const std::string& function,
                   bool for_context = true) {
    snapshot::Goroutine goroutine;
    goroutine.goid = 5;
    goroutine.created_by = frame(creator);
    goroutine.started_at = frame(function);
    goroutine.stack = picture_.stacks.intern(std::vector{frame(function)});
    goroutine.wait_count = 1;
    picture_.waits = {{.address = Address(0xc000001000), .is_context_done = for_context}};
    picture_.goroutines.push_back(goroutine);
  }
  // mov eax, constant; mov x0, constant: right before the call of that line.
  void load_constant(const std::string& function, std::uint32_t line, Address constant) {
    auto number = static_cast<std::uint32_t>(constant.value());
    Address before = entries_.at(function) + std::uint64_t{line - 1} * kLineBytes;
    if (is_arm64()) {
      memory_.write(before, 0xd2800000U | number << 5);
    } else {
      memory_.write(before - 2, std::uint8_t{0x90});  // zeros are instructions of two bytes
      memory_.write(before - 1, std::uint8_t{0xb8});
      memory_.write(before, number);
    }
  }
  // "function:line maker", each call.
  std::vector<std::string> found() { return found_in(memory_); }
  std::vector<std::string> found_in(const target::Memory& memory) {
    Functions functions = program_.build();
    GoVersion version;
    version.minor = 27;
    find_context_calls(
        memory, functions, TracebackFilter(version), is_arm64(),
        [this](Address itab) { return names_[itab]; }, picture_);
    find_context_calls_of_callers(
        memory, functions, TracebackFilter(version), is_arm64(),
        [this](Address itab) { return names_[itab]; }, picture_);
    std::vector<std::string> calls;
    for (const snapshot::ContextCall& call : picture_.context_calls) {
      const snapshot::Frame& place = picture_.stacks.frame(call.place);
      calls.push_back(std::string(picture_.strings[place.function]) + ":" +
                      std::to_string(place.line) + " " + std::string(picture_.strings[call.maker]) +
                      (call.of_standard_library ? " (std)" : "") +
                      (call.parent_is_root ? " of a root" : "") +
                      (call.starter == snapshot::kNone
                           ? ""
                           : " for " + std::string(picture_.strings[call.starter]) + " by " +
                                 std::string(picture_.strings[call.leads_by])) +
                      (call.called_by == snapshot::kNone
                           ? ""
                           : " by " + std::string(picture_.strings[call.called_by])));
    }
    return calls;
  }
  using Calls = std::vector<std::string>;

  SyntheticProgram program_;
  SyntheticMemory memory_;
  snapshot::Snapshot picture_;
  std::map<std::string, Address> entries_;
  static constexpr Address kItab = Address(0x1238);
  std::map<Address, std::string> names_ = {{kItab, "context.backgroundCtx"}};
};
INSTANTIATE_TEST_SUITE_P(Architectures, ContextCallsTest, testing::Bool());

TEST_P(ContextCallsTest, OfTheCreatorAndOfWhatIsOnTheStack) {
  call("main.spawn", 2, "context.WithCancel");
  call("main.spawn", 3, "main.other");
  call("main.far", 1, "context.WithCancel");
  call("main.spawn.func1", 4, "context.WithTimeout");
  add_waiting("main.spawn", "main.spawn.func1");
  EXPECT_EQ(found(),
            Calls({"main.spawn:2 context.WithCancel", "main.spawn.func1:4 context.WithTimeout"}));
}

// As deep as that: what they call in turn is not looked at, nor what other packages do.
TEST_P(ContextCallsTest, OfWhatTheseCallInTheirOwnPackage) {
  call("main.spawn", 2, "main.far");
  call("main.far", 1, "context.WithCancel");
  call("main.spawn", 3, "net/http.serve");
  call("net/http.serve", 2, "context.WithCancel");
  call("main.far", 2, "main.inlining");
  call("main.inlining", 1, "context.WithCancel");
  add_waiting("main.spawn", "main.spawn.func1");
  EXPECT_EQ(found(), Calls({"main.far:1 context.WithCancel by main.spawn"}));
}

TEST_P(ContextCallsTest, NothingIsLookedAtWhereNobodyWaitsForAContext) {
  call("main.spawn", 2, "context.WithCancel");
  add_waiting("main.spawn", "main.spawn.func1", false);
  EXPECT_EQ(found(), Calls());
}

TEST_P(ContextCallsTest, OfTheFunctionInWhichALiteralIsWritten) {
  call("main.spawn", 2, "context.WithCancel");
  add_waiting("main.far", "main.spawn.func1");
  EXPECT_EQ(found(), Calls({"main.spawn:2 context.WithCancel"}));
}

TEST_P(ContextCallsTest, OfTheStackOfACreatorThatLives) {
  call("net/http.serve", 2, "context.WithCancel");
  add_waiting("main.far", "main.other");
  picture_.goroutines[0].creator_goid = 4;
  snapshot::Goroutine creator;
  creator.goid = 4;
  creator.stack = picture_.stacks.intern(std::vector{frame("net/http.serve")});
  picture_.goroutines.push_back(creator);
  EXPECT_EQ(found(), Calls({"net/http.serve:2 context.WithCancel (std)"}));
}

// WithCancel inlined: what is left is a call of what it calls; and the line is that of its caller.
TEST_P(ContextCallsTest, WhatWasInlinedIsTold) {
  call("main.inlining", 3, "context.(*cancelCtx).propagateCancel");
  add_waiting("main.inlining", "main.other");
  EXPECT_EQ(found(), Calls({"main.inlining:2 context.WithCancel"}));
}

TEST_P(ContextCallsTest, WhatIsInsideOfAMakerAloneIsNone) {
  call("main.spawn", 3, "context.(*cancelCtx).propagateCancel");
  add_waiting("main.spawn", "main.other");
  EXPECT_EQ(found(), Calls());
}

// serve(ctx), which calls watch(ctx), which starts it; and the nearest of them alone.
TEST_P(ContextCallsTest, OfThoseThatCallWhoHasStartedIt) {
  call("main.far", 1, "main.spawn");
  call("main.far", 3, "context.WithCancel");
  call("main.inlining", 1, "main.far");
  call("main.inlining", 4, "context.WithCancel");
  call("net/http.serve", 1, "main.spawn");
  call("net/http.serve", 2, "context.WithCancel");
  add_waiting("main.spawn", "main.spawn.func1");
  EXPECT_EQ(found(), Calls({"main.far:3 context.WithCancel for main.spawn by main.spawn"}));
}

TEST_P(ContextCallsTest, OfThoseThatCallItFromFartherAway) {
  call("main.far", 1, "main.spawn");
  call("main.inlining", 1, "main.far");
  call("main.inlining", 4, "context.WithCancel");
  add_waiting("main.spawn", "main.spawn.func1");
  EXPECT_EQ(found(), Calls({"main.inlining:4 context.WithCancel for main.spawn by main.far"}));
}

TEST_P(ContextCallsTest, WhoCallsItIsNotLookedForWhereSomebodyNearerMakesContexts) {
  call("main.spawn", 2, "context.WithCancel");
  call("main.far", 1, "main.spawn");
  call("main.far", 3, "context.WithCancel");
  add_waiting("main.spawn", "main.spawn.func1");
  EXPECT_EQ(found(), Calls({"main.spawn:2 context.WithCancel"}));
}

TEST_P(ContextCallsTest, WhatAnotherGoroutineHasNearDoesNotHideWhoCallsThisOnesStarter) {
  call("main.inlining", 4, "context.WithCancel");
  call("main.far", 1, "main.spawn");
  call("main.far", 3, "context.WithCancel");
  add_waiting("main.spawn", "main.spawn.func1");
  add_waiting("main.inlining", "main.other");
  EXPECT_EQ(found(), Calls({"main.inlining:4 context.WithCancel",
                            "main.far:3 context.WithCancel for main.spawn by main.spawn"}));
}

TEST_P(ContextCallsTest, FunctionsThatCallEachOtherEnd) {
  call("main.far", 1, "main.spawn");
  call("main.spawn", 1, "main.far");
  add_waiting("main.spawn", "main.spawn.func1");
  EXPECT_EQ(found(), Calls());
}

TEST_P(ContextCallsTest, WhatIsMadeFromABackgroundContextIsTold) {
  load_constant("main.spawn", 2, kItab);
  call("main.spawn", 2, "context.WithCancel");
  call("main.spawn", 3, "context.WithCancel");  // whatever the first one has left there
  add_waiting("main.spawn", "main.spawn.func1");
  EXPECT_EQ(found(), Calls({"main.spawn:2 context.WithCancel of a root",
                            "main.spawn:3 context.WithCancel"}));
  picture_.context_calls.clear();
  names_[kItab] = "context.cancelCtx";
  EXPECT_EQ(found(), Calls({"main.spawn:2 context.WithCancel", "main.spawn:3 context.WithCancel"}));
}

TEST_P(ContextCallsTest, CodeThatCannotBeReadHasNoCalls) {
  add_waiting("main.spawn", "main.other");
  EXPECT_EQ(found_in(SyntheticMemory()), Calls());
}

}  // namespace
}  // namespace goshawk::goruntime
