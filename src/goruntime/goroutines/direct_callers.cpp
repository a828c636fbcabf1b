// The linker lays packages out behind those that they import (cmd/link/internal/ld/lib.go
// postorder), so that who calls a function directly stands in its package or behind it. From there
// on the code is read in pieces that end where a function does, and searched for the distances of
// calls.
#include "goruntime/goroutines/direct_callers.h"

#include <algorithm>
#include <unordered_map>

#include "goruntime/goroutines/direct_calls.h"
#include "goruntime/symbols/function_package.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kPieceBytes = 1 << 20;

FunctionId first_of_package(const Functions& functions, FunctionId function) {
  std::string_view package = package_of(functions.name(function));
  while (function > 0 && package_of(functions.name(function - 1)) == package) --function;
  return function;
}

// Asked of functions in their order, which are by the thousand of one package.
class StandardLibrary {
 public:
  explicit StandardLibrary(const Functions& functions) : functions_(functions) {}

  bool has(FunctionId function) {
    std::string_view package = package_of(functions_.name(function));
    if (package != last_) {
      last_ = package;
      has_last_ = is_of_standard_library(functions_.name(function));
    }
    return has_last_;
  }

 private:
  const Functions& functions_;
  std::string_view last_ = {};
  bool has_last_ = false;
};

}  // namespace

std::vector<DirectCall> find_direct_callers(const target::Memory& memory,
                                            const Functions& functions,
                                            std::span<const FunctionId> callees, bool is_arm64,
                                            std::uint64_t& left_bytes) {
  std::unordered_map<Address, FunctionId> asked;
  FunctionId next = functions.count();
  Address lowest(~std::uint64_t{0}), highest;
  for (FunctionId callee : callees) {
    Address entry = functions.entry(callee);
    asked.emplace(entry, callee);
    lowest = std::min(lowest, entry);
    highest = std::max(highest, entry);
    next = std::min(next, first_of_package(functions, callee));
  }
  std::vector<DirectCall> calls;
  StandardLibrary standard_library(functions);
  while (next + 1 < functions.count()) {
    if (standard_library.has(next)) {
      ++next;
      continue;
    }
    Address start = functions.entry(next), end = start;
    for (; next + 1 < functions.count() && !standard_library.has(next); ++next) {
      Address behind = functions.entry(next + 1);
      if (behind < end || behind - start > kPieceBytes) break;
      end = behind;
    }
    if (end == start) ++next;  // larger than a piece, or out of order
    if (end - start > left_bytes) break;
    left_bytes -= end - start;
    auto code = memory.read_bytes(start, end - start);
    if (!code) continue;
    find_direct_calls(*code, start, is_arm64, [&](Address at, Address to) {
      if (to < lowest || highest < to) return;  // most are
      auto callee = asked.find(to);
      if (callee == asked.end()) return;
      FunctionId caller = functions.find(at);
      if (caller != kNoFunction && caller != callee->second)
        calls.push_back({callee->second, caller});
    });
  }
  std::ranges::sort(calls);
  calls.erase(std::ranges::unique(calls).begin(), calls.end());
  return calls;
}

}  // namespace goshawk::goruntime
