// What a team knows and does not want to hear of again: the entries of a suppression file.
//
//   [[suppress]]
//   reason = "one listener a process, ends with it"    # required
//   rule = "goroutine/blocked-receive"                 # any rule if left out, here and below
//   top = "example.com/bus.(*Bus).listen"              # the function that waits
//   any = "example.com/bus.*"                          # a function on the stack, or the creator
//   created_by = "example.com/bus.New"                 # the function with the go statement
//   until = 2027-06-30                                 # the last day on which it holds, in UTC
//
// An entry is for what fits all that it says. How functions are named: findings/function_pattern.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "findings/function_pattern.h"

namespace goshawk::findings {

struct Suppression {
  std::string reason;
  std::string rule;  // its id; "": any
  FunctionPattern top, any, created_by;
  std::string until;       // "2027-06-30"; "": for good
  std::uint32_t line = 0;  // in its file
};

struct SuppressionFile {
  std::string path;
  std::vector<Suppression> entries;
};

// A goroutine as an entry sees it. Functions as normalize_function() gives them.
struct SuppressionSubject {
  std::string_view rule;
  std::string top, created_by;
  std::vector<std::string> stack;
};

// Usage, with the line. An unknown key, an unknown rule and an entry that would match everything
// are errors, so that a typing mistake hides nothing.
Result<SuppressionFile> parse_suppressions(std::string_view text, const std::string& path);

bool matches(const Suppression& suppression, const SuppressionSubject& subject);
// `today`: "2026-11-28". Days compare as texts.
bool is_expired(const Suppression& suppression, std::string_view today);
// "rule goroutine/mutex, created_by main.start": for messages.
std::string describe(const Suppression& suppression);

}  // namespace goshawk::findings
