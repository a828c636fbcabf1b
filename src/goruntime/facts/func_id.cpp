// What: the numbers of internal/abi FuncID (runtime funcID_* before 1.21).
// Where: runtime/symtab.go to 1.20, internal/abi/symtab.go since; cmd/internal/objabi/funcid.go
// gives them to functions by name, and the last one, "wrapper", to all that the compiler made.
//
//   release  what changed
//   1.19     goexit 7 ... systemstack_switch 20, wrapper 21
//   1.22     corostart inserted as 5: what followed moved up by one, wrapper 22
//   1.25     runfinq replaced by runFinalizers and runCleanups, both after main, wrapper 23
//
// Detected by release: nothing in a stripped binary names the numbers. Checked at each use: a
// number counts only when the function also has the name that goes with it, so that a wrong table
// makes a special function a normal one (an unwinding that stops) and never the reverse. A wrapper
// has no name of its own to be checked by; taking one for the other only shows in a printed stack.
#include "goruntime/facts/func_id.h"

#include <algorithm>
#include <vector>

namespace goshawk::goruntime {
namespace {

struct NamedKind {
  FunctionKind kind;
  std::string_view name;
};

constexpr NamedKind kNames[] = {
    {FunctionKind::kAsyncPreempt, "runtime.asyncPreempt"},
    {FunctionKind::kDebugCallV2, "runtime.debugCallV2"},
    {FunctionKind::kSigpanic, "runtime.sigpanic"},
    {FunctionKind::kCgocallback, "runtime.cgocallback"},
    {FunctionKind::kGopanic, "runtime.gopanic"},
    {FunctionKind::kPanicwrap, "runtime.panicwrap"},
    {FunctionKind::kGoexit, "runtime.goexit"},
    {FunctionKind::kMcall, "runtime.mcall"},
    {FunctionKind::kMorestack, "runtime.morestack"},
    {FunctionKind::kSystemstack, "runtime.systemstack"},
    {FunctionKind::kRuntimeMain, "runtime.main"},
    {FunctionKind::kRunFinalizers, "runtime.runFinalizers"},
    {FunctionKind::kRunCleanups, "runtime.runCleanups"},
};

// In the order of their numbers, from 1 on.
std::vector<FunctionKind> numbered_kinds(int minor) {
  using enum FunctionKind;
  std::vector<FunctionKind> kinds = {kNormal, /*abort*/ kOther, /*asmcgocall*/ kOther,
                                     kAsyncPreempt, kCgocallback};
  if (minor >= 22) kinds.push_back(/*corostart*/ kOther);
  kinds.insert(kinds.end(), {kDebugCallV2, /*gcBgMarkWorker*/ kOther, kGoexit, /*gogo*/ kOther,
                             kGopanic, /*handleAsyncEvent*/ kOther, kMcall, kMorestack,
                             /*mstart*/ kOther, kPanicwrap, /*rt0_go*/ kOther});
  if (minor < 25) kinds.push_back(/*runfinq*/ kOther);
  kinds.push_back(kRuntimeMain);
  if (minor >= 25) kinds.insert(kinds.end(), {kRunFinalizers, kRunCleanups});
  kinds.insert(kinds.end(), {kSigpanic, kSystemstack, /*systemstack_switch*/ kOther, kWrapper});
  return kinds;
}

}  // namespace

FuncIds FuncIds::bind(const GoVersion& version) {
  constexpr int kNewest = 27;
  FuncIds ids;
  ids.kinds_.fill(FunctionKind::kOther);
  std::ranges::copy(numbered_kinds(version.minor == 0 ? kNewest : version.minor),
                    ids.kinds_.begin());
  return ids;
}

FunctionKind FuncIds::kind(std::uint8_t func_id, std::string_view function_name) const {
  FunctionKind kind = kinds_[func_id];
  if (kind == FunctionKind::kNormal || kind == FunctionKind::kWrapper ||
      kind == FunctionKind::kOther)
    return kind;
  const auto* named = std::ranges::find(kNames, kind, &NamedKind::kind);
  return named->name == function_name ? kind : FunctionKind::kNormal;
}

}  // namespace goshawk::goruntime
