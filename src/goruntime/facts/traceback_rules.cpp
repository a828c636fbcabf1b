// What: which frames a traceback shows, and how it writes names. Where: runtime/traceback.go
// showfuncinfo, isExportedRuntime, funcNameForPrint (runtime/symtab.go to 1.20).
//
//   release  what changed
//   1.21     full type arguments in the name table, replaced by "[...]" when printed; the pc of a
//            frame below any injected call is taken as it is (before: only below sigpanic)
//   1.23     exported methods of exported runtime types are shown
//   1.25     runFinalizers and runCleanups are shown
//   1.27     two pairs of brackets for generic methods of generic types
//
// Detected by release: it is the code of the runtime, not data. Only what is printed depends on it.
#include "goruntime/facts/traceback_rules.h"

namespace goshawk::goruntime {

TracebackRules TracebackRules::bind(const GoVersion& version) {
  TracebackRules rules;
  if (version.minor == 0) return rules;  // unknown: as the newest one
  using enum TypeArguments;
  rules.type_arguments = version.minor < 21   ? kAsStored
                         : version.minor < 27 ? kOneBracket
                                              : kTwoBrackets;
  rules.exact_pc_below_injected_calls = version.minor >= 21;
  rules.shows_exported_runtime_methods = version.minor >= 23;
  rules.shows_finalizer_frames = version.minor >= 25;
  return rules;
}

}  // namespace goshawk::goruntime
