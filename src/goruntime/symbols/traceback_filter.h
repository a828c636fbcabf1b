// Which frames of a stack Go itself would show, and under which names: so that what goshawk prints
// equals what the program would print of itself.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "goruntime/facts/traceback_rules.h"
#include "goruntime/layout/layout.h"
#include "goruntime/symbols/functions.h"

namespace goshawk::goruntime {

class TracebackFilter {
 public:
  explicit TracebackFilter(const GoVersion& version) : rules_(TracebackRules::bind(version)) {}

  // All logical frames of one goroutine, innermost first; the answer has one flag for each.
  // As runtime.Stack(all = true) and a debug=2 profile print it (GOTRACEBACK=single, the default).
  std::vector<bool> compute_shown(std::span<const SourceFrame> frames) const;
  // As runtime.Callers and the goroutine profile collect it: wrappers left out.
  std::vector<bool> compute_called(std::span<const SourceFrame> frames) const;
  // Whether the "created by" line is printed for this creator (it never is for goroutine 1).
  bool shows_creator(const SourceFrame& creator) const;

  // As a traceback writes a function's name: type arguments as [...], runtime.gopanic as panic.
  std::string printed_name(std::string_view name) const;
  // As runtime.Frame.Function and the text of profiles (debug=1) have it. Profiles in protobuf have
  // the name as it is stored.
  std::string function_name(std::string_view name) const;

 private:
  bool is_shown(const SourceFrame& frame, bool first, FunctionKind callee) const;
  bool is_exported_runtime(std::string_view name) const;

  TracebackRules rules_;
};

}  // namespace goshawk::goruntime
