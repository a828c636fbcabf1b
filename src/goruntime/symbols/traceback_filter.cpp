// The runtime decides frame by frame, innermost first, knowing only the frame's callee and whether
// it has shown anything yet; a stack of which nothing would be shown is shown whole.
// Not handled: the elision of the middle of stacks with over 100 frames, which is a matter of
// printing.
// Follows runtime/traceback.go traceback1, traceback2, showfuncinfo, elideWrapperCalling,
// isExportedRuntime, funcNamePiecesForPrint, printcreatedby, tracebackPCs.
#include "goruntime/symbols/traceback_filter.h"

#include <algorithm>

namespace goshawk::goruntime {
namespace {

// A wrapper that panicked itself is worth seeing; one that called what it wraps is not.
bool elides_wrapper_calling(FunctionKind callee) {
  return callee != FunctionKind::kGopanic && callee != FunctionKind::kSigpanic &&
         callee != FunctionKind::kPanicwrap;
}

bool is_elided_wrapper(const SourceFrame& frame, FunctionKind callee) {
  return frame.kind == FunctionKind::kWrapper && elides_wrapper_calling(callee);
}

bool is_upper(char c) { return 'A' <= c && c <= 'Z'; }

// What stands between the outermost brackets of a name: with two pairs it is "int].Method[string".
struct InnerName {
  bool malformed = false;  // the brackets do not match
  bool found = false;      // there are two pairs, with `text` between them
  std::string_view text;
};

InnerName find_inner_name(std::string_view interior) {
  int depth = 1;
  std::size_t closed = std::string_view::npos;
  for (std::size_t i = 0; i < interior.size(); ++i) {
    if (interior[i] == '[' && ++depth == 1)
      return closed != std::string_view::npos
                 ? InnerName{.found = true, .text = interior.substr(closed + 1, i - closed - 1)}
                 : InnerName{.malformed = true, .text = {}};
    if (interior[i] == ']' && --depth == 0) closed = i;
    if (depth < 0) return {.malformed = true, .text = {}};
  }
  return {.malformed = depth != 1 || closed != std::string_view::npos, .text = {}};
}

}  // namespace

bool TracebackFilter::is_exported_runtime(std::string_view name) const {
  constexpr std::string_view kPrefix = "runtime.";
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  if (!rules_.shows_exported_runtime_methods) return !name.empty() && is_upper(name.front());
  std::string_view receiver;
  if (std::size_t dot = name.rfind('.'); dot != std::string_view::npos) {
    receiver = name.substr(0, dot);
    name = name.substr(dot + 1);
    if (receiver.size() >= 3 && receiver.starts_with("(*") && receiver.ends_with(')'))
      receiver = receiver.substr(2, receiver.size() - 3);
  }
  return !name.empty() && is_upper(name.front()) &&
         (receiver.empty() || is_upper(receiver.front()));
}

bool TracebackFilter::is_shown(const SourceFrame& frame, bool first, FunctionKind callee) const {
  if (is_elided_wrapper(frame, callee)) return false;
  bool finalizer =
      frame.kind == FunctionKind::kRunFinalizers || frame.kind == FunctionKind::kRunCleanups;
  if (finalizer && rules_.shows_finalizer_frames) return true;
  if (frame.function == "runtime.gopanic" && !first) return true;
  return frame.function.find('.') != std::string_view::npos &&
         (!frame.function.starts_with("runtime.") || is_exported_runtime(frame.function));
}

std::vector<bool> TracebackFilter::compute_shown(std::span<const SourceFrame> frames) const {
  std::vector<bool> shown;
  shown.reserve(frames.size());
  bool first = true;
  FunctionKind callee = FunctionKind::kNormal;
  for (const SourceFrame& frame : frames) {
    shown.push_back(is_shown(frame, first, callee));
    if (shown.back()) first = false;
    callee = frame.kind;
  }
  if (first) shown.assign(frames.size(), true);
  return shown;
}

std::vector<bool> TracebackFilter::compute_called(std::span<const SourceFrame> frames) const {
  std::vector<bool> called;
  called.reserve(frames.size());
  FunctionKind callee = FunctionKind::kNormal;
  for (const SourceFrame& frame : frames) {
    called.push_back(!is_elided_wrapper(frame, callee));
    callee = frame.kind;
  }
  return called;
}

bool TracebackFilter::shows_creator(const SourceFrame& creator) const {
  return is_shown(creator, false, FunctionKind::kNormal);
}

std::string TracebackFilter::function_name(std::string_view name) const {
  using enum TracebackRules::TypeArguments;
  std::size_t open = name.find('[');
  std::size_t close = name.rfind(']');
  bool has_brackets =
      open != std::string_view::npos && close != std::string_view::npos && close > open;
  if (rules_.type_arguments == kAsStored || !has_brackets) return std::string(name);
  InnerName inner;
  if (rules_.type_arguments == kTwoBrackets)
    inner = find_inner_name(name.substr(open + 1, close - open - 1));
  if (inner.malformed) return std::string(name);
  std::string text(name.substr(0, open));
  text += "[...]";
  if (inner.found) text.append(inner.text).append("[...]");
  text += name.substr(close + 1);
  return text;
}

std::string TracebackFilter::printed_name(std::string_view name) const {
  return name == "runtime.gopanic" ? "panic" : function_name(name);
}

}  // namespace goshawk::goruntime
