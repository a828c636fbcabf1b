// Functions drawn line by line, with calls of sync's functions in their code.
#include "goruntime/goroutines/lock_calls.h"

#include <gtest/gtest.h>

#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint32_t kLineBytes = 16, kLines = 8;

// One function of kLines lines, 16 bytes each, from line 1 on; and what it may call.
class LockCallsTest : public testing::TestWithParam<bool> {
 protected:
  LockCallsTest() : program_(27, is_arm64()) {
    for (const char* name : {"internal/sync.(*Mutex).lockSlow", "internal/sync.(*Mutex).unlockSlow",
                             "sync.(*RWMutex).Lock", "sync.runtime_SemacquireRWMutexR",
                             "sync.(*RWMutex).rUnlockSlow", "main.other"})
      entries_[name] = program_.add({.name = name});
    SyntheticProgram::Function caller{.name = "main.transfer", .size_bytes = kLineBytes * kLines};
    for (std::uint32_t line = 1; line <= kLines; ++line)
      caller.lines.emplace_back(line * kLineBytes, static_cast<std::int32_t>(line));
    caller.files = {{kLineBytes * kLines, 0}};
    caller_ = program_.add(caller);
    program_.add({.name = "main.last"});
    memory_.map(SyntheticProgram::kText, 0x1000);
  }
  static bool is_arm64() { return GetParam(); }

  void call(std::uint32_t line, const std::string& callee) {
    Address at = caller_ + (line - 1) * kLineBytes + 4;
    std::uint64_t distance = entries_.at(callee) - at;
    if (is_arm64()) {
      memory_.write(at, 0x94000000U | (static_cast<std::uint32_t>(distance >> 2) & 0x3ffffff));
    } else {
      memory_.write(at, std::uint8_t{0xe8});
      memory_.write(at + 1, static_cast<std::uint32_t>(distance - 5));
    }
  }
  HeldLocks before(std::uint32_t line) {
    Functions functions = program_.build();
    LockCalls calls(memory_, functions, is_arm64() ? "arm64" : "amd64");
    Address pc = caller_ + (line - 1) * kLineBytes + 4;
    return calls.before(functions.find(pc), pc);
  }

  SyntheticProgram program_;
  SyntheticMemory memory_;
  Address caller_;
  std::map<std::string, Address> entries_;
};
INSTANTIATE_TEST_SUITE_P(Architectures, LockCallsTest, testing::Bool());

TEST_P(LockCallsTest, ALockIsHeldFromTheNextLineOnUntilItsUnlock) {
  call(2, "internal/sync.(*Mutex).lockSlow");
  call(5, "internal/sync.(*Mutex).unlockSlow");
  EXPECT_FALSE(before(1).any());
  EXPECT_FALSE(before(2).any());
  EXPECT_EQ(before(3).mutexes, 1U);
  EXPECT_EQ(before(5).mutexes, 1U);
  EXPECT_FALSE(before(6).any());
}

TEST_P(LockCallsTest, EachKindIsCountedByItself) {
  call(1, "sync.(*RWMutex).Lock");
  call(2, "sync.runtime_SemacquireRWMutexR");
  call(3, "internal/sync.(*Mutex).lockSlow");
  call(4, "internal/sync.(*Mutex).lockSlow");
  call(5, "sync.(*RWMutex).rUnlockSlow");
  EXPECT_EQ(before(5).reads, 1U);
  HeldLocks held = before(8);
  EXPECT_EQ(held.writes, 1U);
  EXPECT_EQ(held.reads, 0U);
  EXPECT_EQ(held.mutexes, 2U);
}

TEST_P(LockCallsTest, CallsOfOthersAreNone) {
  call(1, "main.other");
  EXPECT_FALSE(before(8).any());
}

TEST_P(LockCallsTest, AnUnlockAloneIsNoLessThanNothing) {
  call(1, "internal/sync.(*Mutex).unlockSlow");
  EXPECT_FALSE(before(8).any());
}

TEST_P(LockCallsTest, CodeThatCannotBeReadHasNoCalls) {
  Functions functions = program_.build();
  SyntheticMemory nothing;
  LockCalls calls(nothing, functions, "amd64");
  EXPECT_FALSE(calls.before(functions.find(caller_), caller_ + 4).any());
  EXPECT_FALSE(calls.before(kNoFunction, Address(1)).any());
}

// At the end of a function lies the slow path of a Lock that was inlined on its second line.
TEST(InlinedLockTest, TheLineOfTheCallCountsNotThePlaceOfItsCode) {
  for (bool inlined_function : {false, true}) {
    SyntheticProgram program(27);
    Address slow = program.add({.name = "internal/sync.(*Mutex).lockSlow"});
    SyntheticProgram::Function caller{
        .name = "main.transfer",
        .size_bytes = 0x40,
        .lines = {{0x10, 1}, {0x20, 2}, {0x30, 3}, {0x40, 99}},
        .files = {{0x40, 0}},
        .inline_index = {{0x30, -1}, {0x40, 0}},
        .inlined = {
            {.name = inlined_function ? "main.lock" : "sync.(*Mutex).Lock", .parent_pc = 0x10}}};
    Address entry = program.add(caller);
    program.add({.name = "main.last"});
    SyntheticMemory memory;
    memory.map(SyntheticProgram::kText, 0x1000);
    memory.write(entry + 0x30, std::uint8_t{0xe8});
    memory.write(entry + 0x31, static_cast<std::uint32_t>(slow - (entry + 0x35)));
    Functions functions = program.build();
    LockCalls calls(memory, functions, "amd64");
    FunctionId function = functions.find(entry);
    EXPECT_FALSE(calls.before(function, entry).any());
    EXPECT_FALSE(calls.before(function, entry + 0x10).any());
    EXPECT_EQ(calls.before(function, entry + 0x20).mutexes, 1U);
    EXPECT_FALSE(calls.before(function, entry + 0x30).any());  // the call itself
  }
}

}  // namespace
}  // namespace goshawk::goruntime
