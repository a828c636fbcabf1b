// Whether a function, by its code, can never return from where it stands.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/address.h"
#include "goruntime/goroutines/function_steps.h"
#include "goruntime/symbols/functions.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class EndlessCode {
 public:
  // Both must outlive it.
  EndlessCode(const target::Memory& memory, const Functions& functions, bool is_arm64);

  // pc: where it goes on. is_never_closed: it stands in a receive from a channel that nobody can
  // close. False where its code cannot be followed.
  bool never_returns(FunctionId function, Address pc, bool is_never_closed);
  // Whether it has a defer, which may catch a panic of what it calls: then it returns after all.
  // True where its code cannot be read.
  bool may_recover(FunctionId function);
  // Whether what these functions call, and they themselves, may end the goroutine (runtime.Goexit).
  bool may_exit(const std::vector<FunctionId>& functions);

 private:
  bool walk(const std::vector<binary::Step>& steps, Address pc, bool is_never_closed) const;
  bool is_end(const binary::Step& call) const;
  const std::vector<binary::Step>& steps_of(FunctionId function);
  // What a function's code calls by name. Empty too where it cannot be read: see is_unread_.
  std::vector<FunctionId> callees_of(FunctionId function);

  const target::Memory& memory_;
  const Functions& functions_;
  bool is_arm64_;
  FunctionSteps reader_;
  std::uint64_t left_bytes_;  // of code that is searched for calls
  bool is_unread_ = false;    // some of it was not
  std::unordered_map<FunctionId, std::vector<binary::Step>> steps_;
  std::map<std::tuple<FunctionId, Address, bool>, bool> known_;
  std::unordered_set<FunctionId> harmless_;  // cannot exit, nor what they call
};

}  // namespace goshawk::goruntime
