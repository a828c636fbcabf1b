// What became of goroutines over several dumps or profiles of one program, by the places where they
// stand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "findings/finding.h"

namespace goshawk::findings {

// Goroutines at one place, started by one statement.
struct SiteSeries {
  std::string state = {};             // of most, where they were seen last; "": not told
  CodePlace blocked_at = {};          // no function: their stacks were not told
  CodePlace created_by = {};          // no function: nobody, or not known
  std::vector<CodePlace> stack = {};  // of one of them, innermost first
  std::vector<std::uint64_t> counts;  // in each one
  std::optional<std::uint64_t> gone;  // that were there and are not any more; none: ids not told
  Confidence confidence = Confidence::kUnknown;  // that it grows; unknown: nothing says so

  std::int64_t change() const { return static_cast<std::int64_t>(counts.back() - counts.front()); }
};

struct SeriesPart {
  std::string name;  // as the user named it
  std::uint64_t goroutines = 0;
  std::uint64_t not_read = 0;  // cut or garbled ones
  double seconds = 0;          // after the first one; 0 for all: not known
};

struct StackSeries {
  std::vector<SeriesPart> parts;  // two or more
  std::vector<SiteSeries> sites;  // what grew most first, what shrank most last
  // Not: they are of several, a restarted one or replicas, so that no difference is growth.
  bool of_one_process = true;
  std::vector<std::string> doubts = {};  // sentences without a full stop
  std::string clock;  // whose times those are: "the log's", "the files'"; "": no times

  double seconds() const { return parts.back().seconds; }
};

}  // namespace goshawk::findings
