// How a release's tracebacks choose and name frames. The .cpp has the history.
#pragma once

#include <cstdint>

#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

struct TracebackRules {
  enum class TypeArguments : std::uint8_t {
    kAsStored,     // the linker already stored "main.F[...]"
    kOneBracket,   // from the first '[' to the last ']': "[...]"
    kTwoBrackets,  // the same, but "main.T[...].M[...]" for a generic method of a generic type
  };
  TypeArguments type_arguments = TypeArguments::kTwoBrackets;
  // The line of a frame below asyncPreempt is that of its pc, not of the instruction before.
  bool exact_pc_below_injected_calls = true;
  // runtime.(*T).M is shown when T and M are exported; before, never.
  bool shows_exported_runtime_methods = true;
  // runtime.runFinalizers and runtime.runCleanups are shown.
  bool shows_finalizer_frames = true;

  static TracebackRules bind(const GoVersion& version);
};

}  // namespace goshawk::goruntime
