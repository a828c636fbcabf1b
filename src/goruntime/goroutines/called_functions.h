// Which functions a function's code mentions: it calls them, goes on in them, or takes their
// address for a closure. By the bytes alone, without following the code.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/byte_view.h"
#include "goruntime/page_cache.h"
#include "goruntime/symbols/functions.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class CalledFunctions {
 public:
  // Both must outlive it.
  CalledFunctions(const target::Memory& memory, const Functions& functions, bool is_arm64);

  // nullptr: it cannot be read, or more was asked for than is looked at in one picture.
  const std::vector<FunctionId>* of(FunctionId function);
  // Whose code begins there, or whose closure lies there: it begins with its code's address.
  FunctionId function_at(Address code_or_closure);

 private:
  struct Found {
    bool is_known = false;
    std::vector<FunctionId> functions = {};
  };
  void find_in_x86_64(ByteView code, Address start, std::vector<FunctionId>& found);
  void find_in_arm64(ByteView code, Address start, std::vector<FunctionId>& found);
  void add(FunctionId function, std::vector<FunctionId>& found) const;

  const target::Memory& memory_;
  const Functions& functions_;
  bool is_arm64_;
  PageCache cache_;
  std::uint64_t left_bytes_;
  std::unordered_map<FunctionId, Found> known_;
  std::unordered_map<Address, FunctionId> closures_;
};

}  // namespace goshawk::goruntime
