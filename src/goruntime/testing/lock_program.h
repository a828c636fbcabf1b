// For tests: one function written instruction by instruction (amd64), the functions that it calls,
// and what is locked where it stands.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <optional>
#include <string>

#include "goruntime/goroutines/lock_flow.h"
#include "goruntime/testing/synthetic_memory.h"
#include "goruntime/testing/synthetic_program.h"

namespace goshawk::goruntime {

inline constexpr std::uint64_t kGlobal = 0x500040;
inline constexpr std::uint32_t kBytes = 0x100;

class LockProgram : public testing::Test {
 public:
  LockProgram() : program_(27) {
    for (const char* name :
         {"sync.(*Mutex).Lock", "sync.(*Mutex).Unlock", "internal/sync.(*Mutex).lockSlow",
          "sync.(*RWMutex).Lock", "sync.(*RWMutex).RLock", "sync.(*RWMutex).RUnlock", "main.wait",
          "runtime.panicIndex", "runtime.gcWriteBarrier2", "runtime.chansend1", "main.given",
          "fmt.given", "other.given"})
      entries_[name] = program_.add({.name = name});
    closure_ = program_.add({.name = "main.transfer.deferwrap1"});
    SyntheticProgram::Function caller{.name = "main.transfer",
                                      .size_bytes = kBytes,
                                      .lines = {{0x80, 1}, {0xa0, 2}, {kBytes, 3}},
                                      .files = {{kBytes, 0}},
                                      .inline_index = {{0x80, -1}, {0xa0, 0}, {kBytes, -1}},
                                      .inlined = {{.name = "sync.(*Mutex).Lock", .parent_pc = 0}}};
    entry_ = at_ = program_.add(caller);
    program_.add({.name = "main.last"});
    memory_.map(SyntheticProgram::kText, 0x1000);
    memory_.map(Address(0x500000), 0x1000);
    memory_.write_pointer(Address(0x500000), closure_);  // a closure that captures nothing
    for (std::uint32_t i = 0; i < kBytes; ++i) memory_.write(entry_ + i, std::uint8_t{0x90});
  }

  LockProgram& bytes(std::initializer_list<int> code) {
    for (int byte : code) memory_.write(at_, static_cast<std::uint8_t>(byte)), at_ = at_ + 1;
    return *this;
  }
  LockProgram& distance(Address target) {
    memory_.write(at_, static_cast<std::uint32_t>(target - (at_ + 4)));
    at_ = at_ + 4;
    return *this;
  }
  // The function's frame: `stack[at]` is where at bytes from the stack pointer are.
  LockProgram& enter() { return bytes({0x48, 0x83, 0xec, 0x40}); }  // sub rsp, 0x40
  LockProgram& leave() { return bytes({0x48, 0x83, 0xc4, 0x40, 0xc3}); }
  LockProgram& take(std::uint64_t address) {  // lea rax, [address]
    return bytes({0x48, 0x8d, 0x05}).distance(Address(address));
  }
  LockProgram& save(int at) { return bytes({0x48, 0x89, 0x44, 0x24, at}); }   // mov [rsp+at], rax
  LockProgram& load(int at) { return bytes({0x48, 0x8b, 0x44, 0x24, at}); }   // mov rax, [rsp+at]
  LockProgram& add(int amount) { return bytes({0x48, 0x8d, 0x40, amount}); }  // lea rax, [rax+..]
  LockProgram& call(const std::string& name) { return bytes({0xe8}).distance(entries_.at(name)); }
  LockProgram& go_to(Address to) {
    at_ = to;
    return *this;
  }
  // Writes the code of another function; go_to(back) goes on with the first one.
  Address in(const std::string& name) {
    Address back = at_;
    at_ = entries_.at(name);
    return back;
  }
  // Where the function waits: a call, of which this is the pc.
  Address wait() {
    Address here = at_;
    call("main.wait");
    return here;
  }
  // je, over what is written until the result is called.
  Address branch() {
    bytes({0x74, 0x00});
    return at_;
  }
  LockProgram& here(Address branch) {
    memory_.write(branch - 1, static_cast<std::uint8_t>(at_ - branch));
    return *this;
  }

  LocksAtPlace locks(Address pc, bool is_from_start = false) {
    if (!functions_) functions_.emplace(program_.build());
    LockFlow flow(memory_, *functions_, "amd64");
    return flow.at(functions_->find(pc), pc, is_from_start);
  }
  bool is_certain(Address pc) {
    for (const LockAtPlace& lock : locks(pc).locks)
      if (lock.held) return lock.certain;
    return false;
  }
  LockAtPlace only(Address pc) {
    LocksAtPlace found = locks(pc);
    EXPECT_EQ(found.locks.size(), 1U);
    return found.locks.empty() ? LockAtPlace{} : found.locks.front();
  }
  static void expect_global(const LockAtPlace& lock, std::uint64_t address = kGlobal) {
    ASSERT_TRUE(lock.address.has_value());
    EXPECT_TRUE(lock.address->is_static);
    EXPECT_EQ(lock.address->start + lock.address->delta, static_cast<std::int64_t>(address));
  }

  SyntheticProgram program_;
  SyntheticMemory memory_;
  std::map<std::string, Address> entries_;
  Address entry_, at_, closure_;
  std::optional<Functions> functions_;
};

}  // namespace goshawk::goruntime
