// What a team knows and does not want to hear of again: the entries of a suppression file.
//
//   [[suppress]]
//   reason = "one listener a process, ends with it"    # required
//   rule = "goroutine/blocked-receive"                 # any rule if left out, here and below
//   top = "example.com/bus.(*Bus).listen"              # the function that waits
//   any = "example.com/bus.*"                          # a function on the stack, or the creator
//   created_by = "example.com/bus.New"                 # the function with the go statement
//   until = 2027-06-30                                 # the last day on which it holds
//
// A `*` in a function stands for any text. Functions are compared without what changes from build
// to build (type arguments, numbers of closures), as in fingerprints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace goshawk::findings {

struct Suppression {
  std::string reason;
  std::string rule, top, any, created_by;  // "": any
  std::string until;                       // "2027-06-30"; "": for good
  std::uint32_t line = 0;                  // in its file
};

struct SuppressionFile {
  std::string path;
  std::vector<Suppression> entries;
};

// What an entry is compared with. The spans must not outlive what they were made of.
struct SuppressionSubject {
  std::string_view rule, top, created_by;
  std::vector<std::string_view> stack;
};

// Malformed names the line; an unknown key, an unknown rule and an entry that would match everything
// are errors, so that a typing mistake hides nothing.
Result<SuppressionFile> parse_suppressions(std::string_view text, const std::string& path);

bool matches(const Suppression& suppression, const SuppressionSubject& subject);
// `today`: "2026-11-28". Days compare as texts.
bool is_expired(const Suppression& suppression, std::string_view today);
// "rule goroutine/mutex, created by main.start": for messages.
std::string describe(const Suppression& suppression);

}  // namespace goshawk::findings
