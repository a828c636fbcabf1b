// Functions written instruction by instruction: loops without a way out, and each with a twin that
// has one.
#include "goruntime/goroutines/endless_code.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <optional>
#include <string>

#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint32_t kFunctionBytes = 0x80;

class EndlessCodeTest : public testing::Test {
 public:
  EndlessCodeTest() {
    for (const char* name :
         {"runtime.chanrecv2", "runtime.gopanic", "runtime.deferreturn", "runtime.Goexit",
          "testing.(*common).Fatal", "testing.(*common).SkipNow", "time.Sleep", "main.helper",
          "main.other", "main.loop"})
      entries_[name] = program_.add({.name = name, .size_bytes = kFunctionBytes});
    program_.add({.name = "main.last"});
    memory_.map(SyntheticProgram::kText, 0x2000);
    at_ = entries_["main.loop"];
  }

  EndlessCodeTest& bytes(std::initializer_list<std::uint8_t> all) {
    for (std::uint8_t one : all) memory_.write(at_, one), at_ = at_ + 1;
    return *this;
  }
  EndlessCodeTest& distance(Address to) {
    memory_.write(at_, static_cast<std::uint32_t>(to - (at_ + 4)));
    at_ = at_ + 4;
    return *this;
  }
  // Returns where it goes on.
  Address call(const std::string& name) {
    bytes({0xe8}).distance(entries_.at(name));
    return at_;
  }
  EndlessCodeTest& jump(Address to) { return bytes({0xe9}).distance(to); }
  EndlessCodeTest& ret() { return bytes({0xc3}); }
  EndlessCodeTest& test_result() { return bytes({0x84, 0xc0}); }  // test al, al
  EndlessCodeTest& if_zero(Address to) { return bytes({0x0f, 0x84}).distance(to); }
  EndlessCodeTest& unless_zero(Address to) { return bytes({0x0f, 0x85}).distance(to); }

  EndlessCode& code() {
    if (!functions_) {
      functions_.emplace(program_.build());
      code_.emplace(memory_, *functions_, false);
    }
    return *code_;
  }
  FunctionId function(const std::string& name) {
    code();
    return functions_->find(entries_.at(name));
  }
  bool never_returns(Address pc, bool is_never_closed = false) {
    return code().never_returns(function("main.loop"), pc, is_never_closed);
  }

  SyntheticProgram program_{27};
  SyntheticMemory memory_;
  std::map<std::string, Address> entries_;
  Address at_;
  std::optional<Functions> functions_;
  std::optional<EndlessCode> code_;
};

TEST_F(EndlessCodeTest, ALoopWithoutAReturn) {
  Address top = at_;
  Address pc = call("time.Sleep");
  call("main.helper");
  jump(top).ret();  // nothing leads there
  EXPECT_TRUE(never_returns(pc));
}

TEST_F(EndlessCodeTest, ALoopWithAnExit) {
  Address top = at_;
  Address pc = call("time.Sleep");
  call("main.helper");
  test_result().if_zero(at_ + 11).jump(top).ret();
  EXPECT_FALSE(never_returns(pc));
}

TEST_F(EndlessCodeTest, WhatComesBeforeCountsNot) {
  test_result().if_zero(at_ + 7).ret();
  Address top = at_;
  Address pc = call("time.Sleep");
  jump(top);
  EXPECT_TRUE(never_returns(pc));
}

TEST_F(EndlessCodeTest, APanicIsNoExit) {
  Address top = at_;
  Address pc = call("time.Sleep");
  test_result().if_zero(at_ + 11).jump(top);
  call("runtime.gopanic");
  ret();
  EXPECT_TRUE(never_returns(pc));
}

TEST_F(EndlessCodeTest, ATailCallMayReturn) {
  Address pc = call("time.Sleep");
  jump(entries_.at("main.helper"));
  EXPECT_FALSE(never_returns(pc));
}

TEST_F(EndlessCodeTest, AJumpThatCannotBeFollowedMayReturn) {
  Address pc = call("time.Sleep");
  bytes({0xff, 0xe0});  // jmp rax
  EXPECT_FALSE(never_returns(pc));
}

TEST_F(EndlessCodeTest, NoInstructionMayReturn) {
  Address pc = call("time.Sleep");
  bytes({0x06, 0x06});
  EXPECT_FALSE(never_returns(pc));
}

TEST_F(EndlessCodeTest, OnlyAPlaceInItIsAsked) {
  Address top = at_;
  Address pc = call("time.Sleep");
  jump(top);
  EXPECT_FALSE(never_returns(pc + 1));
  EXPECT_FALSE(never_returns(entries_["main.loop"] + kFunctionBytes));
}

// for range ticker.C: the value is true until the channel is closed.
TEST_F(EndlessCodeTest, AReceiveFromWhatIsNeverClosed) {
  Address top = at_;
  Address pc = call("runtime.chanrecv2");
  bytes({0x48, 0x8b, 0x4c, 0x24, 0x30});  // mov rcx, [rsp+0x30]
  test_result().if_zero(at_ + 16);
  call("main.helper");
  jump(top).ret();
  EXPECT_TRUE(never_returns(pc, true));
  EXPECT_FALSE(never_returns(pc, false));
}

TEST_F(EndlessCodeTest, TheSameTheOtherWayRound) {
  Address top = at_;
  Address pc = call("runtime.chanrecv2");
  test_result().unless_zero(top).ret();
  EXPECT_TRUE(never_returns(pc, true));
  EXPECT_FALSE(never_returns(pc, false));
}

TEST_F(EndlessCodeTest, AnotherCallsResultIsNotKnown) {
  Address top = at_;
  Address pc = call("runtime.chanrecv2");
  test_result().if_zero(at_ + 22);
  call("main.helper");
  test_result().unless_zero(top).ret();
  EXPECT_FALSE(never_returns(pc, true));
}

TEST_F(EndlessCodeTest, AResultThatWasOverwrittenIsNotKnown) {
  Address top = at_;
  Address pc = call("runtime.chanrecv2");
  bytes({0x48, 0x8b, 0x44, 0x24, 0x30});  // mov rax, [rsp+0x30]
  test_result().unless_zero(top).ret();
  EXPECT_FALSE(never_returns(pc, true));
}

TEST_F(EndlessCodeTest, ADeferMayRecover) {
  Address top = at_;
  call("time.Sleep");
  jump(top);
  call("runtime.deferreturn");
  ret();
  EXPECT_TRUE(code().may_recover(function("main.loop")));
  EXPECT_FALSE(code().may_recover(function("main.helper")));
}

TEST_F(EndlessCodeTest, AFailedTestPanics) {
  call("time.Sleep");
  call("main.helper");
  at_ = entries_["main.helper"];
  call("testing.(*common).Fatal");  // panics, once the test has ended
  EXPECT_FALSE(code().may_exit({function("main.loop")}));
}

TEST_F(EndlessCodeTest, ByGoexitAtAnyDepth) {
  call("main.helper");
  at_ = entries_["main.helper"];
  call("main.other");
  at_ = entries_["main.other"];
  call("runtime.Goexit");
  EXPECT_TRUE(code().may_exit({function("main.loop")}));
  EXPECT_TRUE(code().may_exit({function("time.Sleep"), function("main.other")}));
  EXPECT_FALSE(code().may_exit({function("time.Sleep")}));
}

TEST_F(EndlessCodeTest, BySkipping) {
  call("testing.(*common).SkipNow");
  EXPECT_TRUE(code().may_exit({function("main.loop")}));
}

}  // namespace
}  // namespace goshawk::goruntime
