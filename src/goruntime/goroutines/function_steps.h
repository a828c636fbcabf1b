// A function's code, decoded, as long as not too much of it was asked for: the program stands
// still.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "binary/code_steps.h"
#include "goruntime/symbols/functions.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class FunctionSteps {
 public:
  // Both must outlive it. most_bytes: of code, in all.
  FunctionSteps(const target::Memory& memory, const Functions& functions, bool is_arm64,
                std::uint64_t most_bytes)
      : memory_(memory), functions_(functions), is_arm64_(is_arm64), left_bytes_(most_bytes) {}

  // None: it cannot be read, or it is too much.
  std::optional<std::vector<binary::Step>> read(FunctionId function);

 private:
  const target::Memory& memory_;
  const Functions& functions_;
  bool is_arm64_;
  std::uint64_t left_bytes_;
};

}  // namespace goshawk::goruntime
