// What a call between Lock and where a function waits does to the certainty of the hold.
#include "goruntime/goroutines/call_effects.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "goruntime/testing/lock_program.h"

namespace goshawk::goruntime {
namespace {

class CallEffectsTest : public LockProgram {
 public:
  CallEffectsTest& locked() {
    enter().save(0x18).call("sync.(*Mutex).Lock");
    return *this;
  }
  // Waits, and unlocks what `locked` locked.
  Address wait_and_unlock() {
    Address between = wait();
    load(0x18).call("sync.(*Mutex).Unlock").leave();
    return between;
  }
  LockProgram& end() { return bytes({0xc3}); }
  // The frame's words at 0x20 and 0x28: a closure of main.transfer.deferwrap1, with what 0x18 has.
  LockProgram& make_closure() { return load(0x18).save(0x28).take(closure_.value()).save(0x20); }
  void write_closure() { go_to(closure_).bytes({0x48, 0x8b, 0x42, 0x08}).call(kUnlock), end(); }
  LockProgram& address(int at) { return bytes({0x48, 0x8d, 0x44, 0x24, at}); }  // lea rax, [rsp+at]

  static constexpr const char* kUnlock = "sync.(*Mutex).Unlock";
};

TEST_F(CallEffectsTest, ACalledFunctionThatUnlocksIsDoubted) {
  locked().load(0x18).call("main.given");
  Address between = wait_and_unlock();
  in("main.given");
  call(kUnlock), end();
  EXPECT_FALSE(is_certain(between));
}

TEST_F(CallEffectsTest, OneThatCallsSuchAFunctionIsToo) {
  locked().load(0x18).call("main.given");
  Address between = wait_and_unlock();
  in("main.given");
  call("other.given"), end();
  in("other.given");
  call(kUnlock), end();
  EXPECT_FALSE(is_certain(between));
}

TEST_F(CallEffectsTest, OneThatGoesOnInUnlockIsToo) {
  locked().load(0x18).call("main.given");
  Address between = wait_and_unlock();
  in("main.given");
  bytes({0xe9}).distance(entries_.at(kUnlock));
  EXPECT_FALSE(is_certain(between));
}

TEST_F(CallEffectsTest, OneThatUnlocksWhatItHasLockedIsNot) {
  locked().call("main.given");
  Address between = wait_and_unlock();
  in("main.given");
  enter().save(0x18).call("sync.(*Mutex).Lock").load(0x18).call(kUnlock).leave();
  EXPECT_TRUE(is_certain(between));
}

TEST_F(CallEffectsTest, OneThatUnlocksAnotherVariableIsNot) {
  enter().take(kGlobal).call("sync.(*Mutex).Lock").call("main.given");
  Address between = wait();
  take(kGlobal).call(kUnlock).leave();
  in("main.given");
  take(kGlobal + 8).call(kUnlock), end();
  EXPECT_TRUE(is_certain(between));
}

TEST_F(CallEffectsTest, ReadersUnlockNoMutex) {
  locked().load(0x18).call("main.given");
  Address between = wait_and_unlock();
  in("main.given");
  call("sync.(*RWMutex).RUnlock"), end();
  EXPECT_TRUE(is_certain(between));
}

TEST_F(CallEffectsTest, TheStandardLibraryIsNotLookedThrough) {
  locked().load(0x18).call("fmt.given");
  Address between = wait_and_unlock();
  in("fmt.given");
  call(kUnlock), end();
  EXPECT_TRUE(is_certain(between));
}

TEST_F(CallEffectsTest, WhatCannotBeFollowedAndUnlocksMayUnlockAnything) {
  locked().call("main.given");
  Address between = wait_and_unlock();
  in("main.given");
  enter().save(0x18).call("sync.(*Mutex).Lock").load(0x18).call(kUnlock).bytes({0xff, 0xe1});
  EXPECT_FALSE(is_certain(between));
}

TEST_F(CallEffectsTest, AClosureThatUnlocksIsGivenToACall) {
  locked();
  make_closure();
  address(0x20).call("fmt.given");
  Address between = wait_and_unlock();
  write_closure();
  EXPECT_FALSE(is_certain(between));
}

TEST_F(CallEffectsTest, AnOwnDeferredClosureIsNot) {
  locked();
  make_closure();
  address(0x20).save(0x30).call("fmt.given");  // its address is still in the register
  Address between = wait_and_unlock();
  write_closure();
  EXPECT_TRUE(is_certain(between));
}

// mov [rax], rcx: rcx has the address of the closure's code.
TEST_F(CallEffectsTest, AClosureThatUnlocksIsMadeInMemory) {
  locked().bytes({0x48, 0x8d, 0x0d}).distance(closure_);
  call("main.wait").bytes({0x48, 0x8d, 0x0d}).distance(closure_).bytes({0x48, 0x89, 0x08});
  Address between = wait_and_unlock();
  write_closure();
  EXPECT_FALSE(is_certain(between));
}

// mov rax, [rsp+0x30]; mov rcx, [rax]; call rcx
TEST_F(CallEffectsTest, WhatIsCalledThroughAPointerIsLookedUpInTheFrame) {
  enter().bytes({0x48, 0x89, 0x5c, 0x24, 0x30}).save(0x18).call("sync.(*Mutex).Lock");
  load(0x30).bytes({0x48, 0x8b, 0x08}).bytes({0xff, 0xd1});
  Address between = wait_and_unlock();
  LocksAtPlace found = locks(between);
  auto held = std::ranges::find(found.locks, true, &LockAtPlace::held);
  ASSERT_NE(held, found.locks.end());
  EXPECT_TRUE(held->certain);
  ASSERT_EQ(held->called.size(), 1U);
  EXPECT_EQ(held->called[0].start, 0x30);
  EXPECT_EQ(held->called[0].loads, std::vector<std::int64_t>{0});
}

TEST_F(CallEffectsTest, WhatIsCalledThroughAPointerThatIsGoneIsDoubted) {
  locked().call("main.wait").bytes({0xff, 0xd0});  // call rax: what the other one returned
  EXPECT_FALSE(is_certain(wait_and_unlock()));
}

// lea rax, [rsp+0x18]; call: what is at 0x18 may be another pointer.
TEST_F(CallEffectsTest, AVariableWhoseAddressWasGivenAwayIsForgotten) {
  locked();
  address(0x18).call("main.given");
  Address between = wait_and_unlock();
  in("main.given");
  end();
  LockAtPlace held = only(between);
  EXPECT_FALSE(held.address.has_value());
  EXPECT_FALSE(held.unlocks_ahead);
}

// mov [rsp+0x20], rax; lea rbx, [rsp+0x20]; call chansend1
TEST_F(CallEffectsTest, SendingTheLockIsDoubted) {
  locked().load(0x18).save(0x20).bytes({0x48, 0x8d, 0x5c, 0x24, 0x20}).call("runtime.chansend1");
  EXPECT_FALSE(is_certain(wait_and_unlock()));
}

TEST_F(CallEffectsTest, SendingAnythingElseIsNot) {
  enter().bytes({0x48, 0x89, 0x4c, 0x24, 0x20}).save(0x18).call("sync.(*Mutex).Lock");
  bytes({0x48, 0x8d, 0x5c, 0x24, 0x20}).call("runtime.chansend1");
  EXPECT_TRUE(is_certain(wait_and_unlock()));
}

TEST_F(CallEffectsTest, MoreLocksThanAreFollowedAreNotFollowed) {
  enter();
  for (int i = 0; i < 17; ++i) take(kGlobal + 8 * i).call(kUnlock);
  Address between = wait();
  leave();
  EXPECT_FALSE(locks(between, true).followed);
}

}  // namespace
}  // namespace goshawk::goruntime
