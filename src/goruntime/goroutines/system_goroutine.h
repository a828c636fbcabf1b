// Which goroutines are the runtime's own, by the function that they begin with. Follows
// runtime.isSystemGoroutine.
#pragma once

#include <cstdint>
#include <string_view>

namespace goshawk::goruntime {

enum class Entry : std::uint8_t {
  kProgram,
  kRuntime,
  kCallsBack,  // the runtime's own, but while it runs the program's finalizers and cleanups
};

constexpr Entry classify_entry(std::string_view function) {
  if (!function.starts_with("runtime.")) return Entry::kProgram;
  if (function == "runtime.main" || function == "runtime.corostart" ||
      function == "runtime.handleAsyncEvent")
    return Entry::kProgram;
  if (function == "runtime.runfinq" || function == "runtime.runFinalizers" ||
      function == "runtime.runCleanups")
    return Entry::kCallsBack;
  return Entry::kRuntime;
}

}  // namespace goshawk::goruntime
