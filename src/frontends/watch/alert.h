// What a watcher has to say when something grows: what, how fast, how sure that it is a leak and by
// which proof.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "findings/finding.h"
#include "frontends/watch/sample_source.h"
#include "report/output.h"

namespace goshawk::frontends::watch {

struct Alert {
  std::string fingerprint;
  findings::Confidence confidence = findings::Confidence::kSuspected;
  std::int64_t unix_ns = 0;
  ProcessName process;
  Quantity quantity = Quantity::kGoroutines;
  findings::CodePlace site;  // of parts
  double level = 0, per_second = 0;
  std::int64_t since_unix_ns = 0;
  bool more_than_a_day_does = false;          // Grade::kGrowing
  std::optional<double> seconds_until_limit;  // of memory that a cgroup allows
  std::string mainly = {};  // of the heap: which part of it grows most, in words; empty: none does
  // The picture that was taken then.
  bool has_picture = false;
  std::string why_no_picture = {};  // it was wanted, and could not be had
  std::int64_t pause_ns = 0;
  std::vector<findings::Finding> findings;  // of this growth; of memory: all that hold some
  std::uint64_t leaked = 0, likely = 0;     // goroutines, or timers, in these
};

// One line: "goroutines started in shop.Fetch (price.go:41) grow by 60 an hour since 18:20, ...".
std::string describe_growth(const Alert& alert);
// How sure, and why: one sentence.
std::string describe_certainty(const Alert& alert);

// One object on one line, for programs: docs/watch.md has the shape.
void write_alert_json(report::Output& out, const Alert& alert);

// "2026-11-29T18:20:07Z"
std::string utc_time(std::int64_t unix_ns);
// "2026-11-29 18:20:07", in local time.
std::string local_time(std::int64_t unix_ns);

}  // namespace goshawk::frontends::watch
