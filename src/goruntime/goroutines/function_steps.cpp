// A function ends where the next one begins: what fills the gap is never reached.
#include "goruntime/goroutines/function_steps.h"

#include <algorithm>
#include <utility>

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kMostCodeBytes = 64 << 10;  // of one function

}  // namespace

std::optional<std::vector<binary::Step>> FunctionSteps::read(FunctionId function) {
  if (function + 1 >= functions_.count()) return std::nullopt;
  Address start = functions_.entry(function), end = functions_.entry(function + 1);
  if (end <= start || end - start > std::min(kMostCodeBytes, left_bytes_)) return std::nullopt;
  left_bytes_ -= end - start;
  auto bytes = memory_.read_bytes(start, end - start);
  if (!bytes) return std::nullopt;
  auto steps = binary::decode_steps(is_arm64_ ? binary::Machine::kArm64 : binary::Machine::kX86_64,
                                    *bytes, start);
  if (!steps) return std::nullopt;
  return std::move(*steps);
}

}  // namespace goshawk::goruntime
