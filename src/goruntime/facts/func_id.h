// Which functions the runtime treats specially while it walks a stack: _func.funcID and
// inlinedCall.funcID. The .cpp has the history.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

enum class FunctionKind : std::uint8_t {
  kNormal,
  kAsyncPreempt,  // injected calls: the frame below was interrupted anywhere
  kDebugCallV2,
  kSigpanic,
  kCgocallback,  // C called back into Go here
  kGopanic,
  kPanicwrap,
  kGoexit,
  kMcall,
  kMorestack,
  kSystemstack,
  kRuntimeMain,
  kRunFinalizers,  // since 1.25
  kRunCleanups,    // since 1.25
  kWrapper,        // made by the compiler; left out of tracebacks
  kOther,          // another one with a number of its own
};

// internal/abi FuncFlag; unchanged 1.17-1.27.
inline constexpr std::uint8_t kFlagTopFrame = 1;
inline constexpr std::uint8_t kFlagSpWrite = 2;
inline constexpr std::uint8_t kFlagAsm = 4;

class FuncIds {
 public:
  // A release that the history does not know gets the numbers of the newest one.
  static FuncIds bind(const GoVersion& version);

  // The number must agree with the function's name, else the function is a normal one.
  FunctionKind kind(std::uint8_t func_id, std::string_view function_name) const;

 private:
  std::array<FunctionKind, 256> kinds_{};
};

}  // namespace goshawk::goruntime
