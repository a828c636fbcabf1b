// How one fact about the runtime was found in the program, and what the target said when it was
// tried. Whoever checks a fact writes this down: the same check decides whether it is believed.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace goshawk::snapshot {

enum class Standing : std::uint8_t {
  kHolds,    // checked, and it was so every time
  kMostly,   // a few contradict it: what they may spoil is among the doubts
  kUntried,  // found, but nothing there to try it on, or nothing that could contradict it
  kFailed,   // the target contradicts it: what rests on it is not read
  kMissing,  // not found in this program
};

struct Binding {
  std::string fact;   // "runtime.allgs", as the runtime spells it
  std::string how;    // "symbol", "debug information", "table go1.27.4 amd64"; empty: not found
  std::string check;  // what was tried: "its list of ms ends with m0"
  std::uint64_t passed = 0, checked = 0;  // of how many it was so
  Standing standing = Standing::kMissing;

  bool operator==(const Binding&) const = default;
};

inline Standing standing_of(std::uint64_t passed, std::uint64_t checked) {
  if (checked == 0) return Standing::kUntried;
  if (passed == checked) return Standing::kHolds;
  return (checked - passed) * 2 > checked ? Standing::kFailed : Standing::kMostly;
}

// Its standing by the counts alone: more against it than for it, and it failed.
inline Binding tried(std::string fact, std::string how, std::string check, std::uint64_t passed,
                     std::uint64_t checked) {
  return {std::move(fact), std::move(how), std::move(check),
          passed,          checked,        standing_of(passed, checked)};
}

inline Binding missing(std::string fact, std::string check) {
  return {std::move(fact), "", std::move(check), 0, 0, Standing::kMissing};
}

}  // namespace goshawk::snapshot
