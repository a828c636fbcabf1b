// Which of a program's own functions call given ones directly, by their code.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "goruntime/symbols/functions.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct DirectCall {
  FunctionId callee = kNoFunction, caller = kNoFunction;
  auto operator<=>(const DirectCall&) const = default;
};

// Sorted, each pair once. Not those in the standard library. `left_bytes` of code may be read, and
// are counted down; what lies behind them is not searched, nor what cannot be read.
std::vector<DirectCall> find_direct_callers(const target::Memory& memory,
                                            const Functions& functions,
                                            std::span<const FunctionId> callees, bool is_arm64,
                                            std::uint64_t& left_bytes);

}  // namespace goshawk::goruntime
