// An earlier report of `goshawk leaks --format json`: what it has is known, and only the rest is
// new.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "findings/finding.h"

namespace goshawk::findings {

struct Baseline {
  std::string path;
  std::vector<KnownFinding> findings;
};

// Usage for what is no such report.
Result<Baseline> parse_baseline(std::string_view text, const std::string& path);

// Says of every finding whether it is known, puts the new ones first, and notes which ones are
// gone. What is suppressed or parked now is not gone.
void compare_with_baseline(Verdict& verdict, const Baseline& baseline);

// What was not known: all, where there is no baseline.
std::size_t count_new(const std::vector<Finding>& findings);

}  // namespace goshawk::findings
