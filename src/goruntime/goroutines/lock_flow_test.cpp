// Functions written instruction by instruction (amd64), and what they hold where they stand.
#include "goruntime/goroutines/lock_flow.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "goruntime/testing/lock_program.h"

namespace goshawk::goruntime {
namespace {

class LockFlowTest : public LockProgram {};

TEST_F(LockFlowTest, BetweenLockAndUnlockOfAGlobal) {
  enter();
  Address before = wait();
  take(kGlobal);
  Address in_lock = at_;
  call("sync.(*Mutex).Lock");
  Address between = wait();
  take(kGlobal).call("sync.(*Mutex).Unlock");
  Address after = wait();
  leave();
  EXPECT_TRUE(locks(before).locks.empty());
  EXPECT_TRUE(locks(in_lock).locks.empty());
  EXPECT_TRUE(locks(in_lock).at_lock);
  EXPECT_FALSE(locks(between).at_lock);
  EXPECT_TRUE(locks(after).locks.empty());
  LockAtPlace held = only(between);
  EXPECT_TRUE(held.held && held.certain && held.unlocks_ahead);
  EXPECT_EQ(held.use, LockUse::kMutex);
  expect_global(held);
}

TEST_F(LockFlowTest, AnUnlockOfAnotherIsNotAhead) {
  enter().take(kGlobal).call("sync.(*Mutex).Lock");
  Address between = wait();
  take(kGlobal + 8).call("sync.(*Mutex).Unlock").leave();
  LockAtPlace held = only(between);
  EXPECT_TRUE(held.certain);
  EXPECT_FALSE(held.unlocks_ahead);
}

TEST_F(LockFlowTest, AnUnlockBehindIsNotAhead) {
  enter();
  Address skipped = branch();
  take(kGlobal).call("sync.(*Mutex).Unlock").leave();
  here(skipped);
  take(kGlobal).call("sync.(*Mutex).Lock");
  Address between = wait();
  leave();
  EXPECT_FALSE(only(between).unlocks_ahead);
}

TEST_F(LockFlowTest, LockedOnOneWayOnlyIsUncertain) {
  enter();
  Address skipped = branch();
  take(kGlobal).call("sync.(*Mutex).Lock");
  here(skipped);
  Address between = wait();
  take(kGlobal).call("sync.(*Mutex).Unlock").leave();
  LockAtPlace held = only(between);
  EXPECT_TRUE(held.held && held.unlocks_ahead);
  EXPECT_FALSE(held.certain);
}

TEST_F(LockFlowTest, AnEarlyReturnThatUnlocksChangesNothing) {
  enter().take(kGlobal).call("sync.(*Mutex).Lock");
  Address skipped = branch();
  take(kGlobal).call("sync.(*Mutex).Unlock").leave();
  here(skipped);
  Address between = wait();
  take(kGlobal).call("sync.(*Mutex).Unlock").leave();
  LockAtPlace held = only(between);
  EXPECT_TRUE(held.certain && held.unlocks_ahead);
}

TEST_F(LockFlowTest, AFieldOfWhatCameInIsFoundInTheFrame) {
  enter().save(0x18).add(8).call("sync.(*RWMutex).RLock");
  Address between = wait();
  load(0x18).add(8).call("sync.(*RWMutex).RUnlock").leave();
  LockAtPlace held = only(between);
  EXPECT_TRUE(held.certain && held.unlocks_ahead);
  EXPECT_EQ(held.use, LockUse::kRead);
  ASSERT_TRUE(held.address.has_value());
  EXPECT_FALSE(held.address->is_static);
  EXPECT_EQ(held.address->start, 0x18);
  EXPECT_EQ(held.address->delta, 8);
}

// mov rax, [rax+0x10]: s.mu of a pointer field, loaded again for the Unlock.
TEST_F(LockFlowTest, AFieldLoadedTwiceIsOneLock) {
  enter().save(0x18).bytes({0x48, 0x8b, 0x40, 0x10}).call("sync.(*Mutex).Lock");
  Address between = wait();
  load(0x18).bytes({0x48, 0x8b, 0x40, 0x10}).call("sync.(*Mutex).Unlock").leave();
  LockAtPlace held = only(between);
  EXPECT_TRUE(held.certain && held.unlocks_ahead);
  ASSERT_TRUE(held.address.has_value());
  EXPECT_EQ(held.address->start, 0x18);
  EXPECT_EQ(held.address->loads, std::vector<std::int64_t>{0x10});
}

TEST_F(LockFlowTest, AWordThatWasOverwrittenIsNotBelieved) {
  enter().save(0x18).call("sync.(*Mutex).Lock");
  bytes({0x48, 0xc7, 0x44, 0x24, 0x18, 0, 0, 0, 0});  // mov qword [rsp+0x18], 0
  Address between = wait();
  leave();
  EXPECT_FALSE(only(between).address.has_value());
}

// lea rcx, [global]; lea rax, [rcx+rdx*8]
TEST_F(LockFlowTest, OneOfAnArrayIsNotItsFirst) {
  enter().bytes({0x48, 0x8d, 0x0d}).distance(Address(kGlobal)).bytes({0x48, 0x8d, 0x04, 0xd1});
  call("sync.(*Mutex).Lock");
  Address between = wait();
  leave();
  EXPECT_FALSE(only(between).address.has_value());
}

TEST_F(LockFlowTest, UnlockedForACallerIsReleased) {
  enter().take(kGlobal).call("sync.(*Mutex).Unlock");
  Address between = wait();
  take(kGlobal).call("sync.(*Mutex).Lock").leave();
  LockAtPlace released = only(between);
  EXPECT_FALSE(released.held);
  expect_global(released);
}

// call [rcx+0x20], with the lock as its first argument: an Unlock through an interface, perhaps.
TEST_F(LockFlowTest, ACallThatCannotBeToldMayUnlockWhatItIsGiven) {
  enter().take(kGlobal).call("sync.(*Mutex).Lock").take(kGlobal).bytes({0xff, 0x51, 0x20});
  Address between = wait();
  take(kGlobal).call("sync.(*Mutex).Unlock").leave();
  LocksAtPlace found = locks(between);
  auto held = std::ranges::find(found.locks, true, &LockAtPlace::held);
  ASSERT_NE(held, found.locks.end());
  EXPECT_FALSE(held->certain);
  EXPECT_NE(std::ranges::find(found.locks, false, &LockAtPlace::held), found.locks.end());
}

TEST_F(LockFlowTest, NothingIsSaidOfCodeThatJumpsThroughATable) {
  enter().take(kGlobal).call("sync.(*Mutex).Lock");
  Address between = wait();
  Address skipped = branch();
  bytes({0xff, 0xe1});  // jmp rcx
  here(skipped);
  leave();
  EXPECT_TRUE(locks(between).locks.empty());
}

// What follows it in the code does not follow it in time.
TEST_F(LockFlowTest, ACallThatPanicsDoesNotGoOn) {
  enter();
  Address skipped = branch();
  Address over = branch();
  here(skipped);
  take(kGlobal).call("sync.(*Mutex).Lock").bytes({0xeb, 0x05});  // jmp over the panic
  here(over);
  call("runtime.panicIndex");
  Address between = wait();
  take(kGlobal).call("sync.(*Mutex).Unlock").leave();
  EXPECT_TRUE(only(between).certain);
}

TEST_F(LockFlowTest, AWriteBarrierLeavesRegistersAlone) {
  enter().save(0x18).call("runtime.gcWriteBarrier2").call("sync.(*Mutex).Lock");
  Address between = wait();
  load(0x18).call("sync.(*Mutex).Unlock").leave();
  EXPECT_TRUE(only(between).unlocks_ahead);
}

// At 0x80 the code of an inlined Lock begins: lock cmpxchg [rcx], esi, and its slow way.
TEST_F(LockFlowTest, AnInlinedLockIsHeldBehindItButNotInItsSlowWay) {
  enter().bytes({0x48, 0x8d, 0x0d}).distance(Address(kGlobal)).bytes({0xeb, 0});
  Address jump = at_;
  go_to(entry_ + 0x80).here(jump);
  bytes({0xf0, 0x0f, 0xb1, 0x31});
  Address quick = branch();
  take(kGlobal);
  Address slow = at_;
  call("internal/sync.(*Mutex).lockSlow");
  here(quick);
  go_to(entry_ + 0xa0);
  Address between = wait();
  take(kGlobal).call("sync.(*Mutex).Unlock").leave();
  EXPECT_TRUE(locks(slow).locks.empty());
  EXPECT_TRUE(locks(slow).at_lock);
  LockAtPlace held = only(between);
  EXPECT_TRUE(held.certain && held.unlocks_ahead);
  expect_global(held);
}

// {its code, the lock} in the frame: xadd on what the context register leads to.
TEST_F(LockFlowTest, ADeferredClosureUnlocksWhatItCaptured) {
  enter().save(0x30).call("sync.(*Mutex).Lock").load(0x30).save(0x28);
  take(closure_.value()).save(0x20);
  Address between = wait();
  leave();
  go_to(closure_).bytes({0x48, 0x8b, 0x42, 0x08});  // mov rax, [rdx+8]
  call("sync.(*Mutex).Unlock").bytes({0xc3});
  EXPECT_TRUE(only(between).unlocks_ahead);
}

TEST_F(LockFlowTest, ADeferredClosureThatCapturedAnotherLockDoesNot) {
  enter().save(0x30).call("sync.(*Mutex).Lock").load(0x30).add(8).save(0x28);
  take(closure_.value()).save(0x20);
  Address between = wait();
  leave();
  go_to(closure_).bytes({0x48, 0x8b, 0x42, 0x08});
  call("sync.(*Mutex).Unlock").bytes({0xc3});
  EXPECT_FALSE(only(between).unlocks_ahead);
}

TEST_F(LockFlowTest, ADeferredClosureWithoutCapturesUnlocksAGlobal) {
  enter().take(kGlobal).call("sync.(*Mutex).Lock").take(0x500000).save(0x20);
  Address between = wait();
  leave();
  go_to(closure_).take(kGlobal).call("sync.(*Mutex).Unlock").bytes({0xc3});
  EXPECT_TRUE(only(between).unlocks_ahead);
}

// Around a loop a call's result is another one.
TEST_F(LockFlowTest, WhatACallReturnedBeforeIsForgotten) {
  enter();
  Address top = at_;
  call("main.wait").save(0x18).call("sync.(*Mutex).Lock");
  Address between = wait();
  bytes({0x75, 0});  // jne top: without an Unlock
  memory_.write(at_ - 1, static_cast<std::uint8_t>(top - at_));
  leave();
  LockAtPlace held = only(between);
  EXPECT_TRUE(held.certain);
  EXPECT_FALSE(held.unlocks_ahead);
}

TEST_F(LockFlowTest, CodeThatCannotBeReadHoldsNothing) {
  Functions functions = program_.build();
  SyntheticMemory nothing;
  LockFlow flow(nothing, functions, "amd64");
  EXPECT_TRUE(flow.at(functions.find(entry_), entry_ + 4, true).locks.empty());
}

}  // namespace
}  // namespace goshawk::goruntime
