// What is known already: an earlier report of `goshawk leaks --format json`, also of a run of
// several processes, or what `goshawk baseline` has made of some: that has no counts, 0 here. Only
// the rest is new.
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

// Usage for what is none of these.
Result<Baseline> parse_baseline(std::string_view text, const std::string& path);

// What a baseline of this verdict knows: new and known findings, not what is suppressed or parked.
std::vector<KnownFinding> known_findings(const Verdict& verdict);

// Says of every finding whether it is known, puts the new ones first, and notes which ones are
// gone. What is suppressed or parked now is not gone.
void compare_with_baseline(Verdict& verdict, const Baseline& baseline);

// What was not known: all, where there is no baseline.
std::size_t count_new(const std::vector<Finding>& findings);

}  // namespace goshawk::findings
