// One process and what was found in it: what every report of findings is made of. Reports take
// several of them, for a run of tests has a process for each test binary. The picture itself need
// not be kept.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

struct Judged {
  std::string name = {};  // what its reader calls it, such as the package under test; "": nothing
  snapshot::TargetFacts target;
  snapshot::PictureFacts picture;
  std::uint64_t of_runtime = 0;  // goroutines that are the runtime's own
  findings::Verdict verdict;
  std::vector<std::string> about = {};  // sentences without a full stop: what was looked at
};

Judged make_judged(const snapshot::Snapshot& snapshot, findings::Verdict verdict);

// "process 4711, /usr/bin/shop": by its name where it has one.
std::string describe(const Judged& judged);

}  // namespace goshawk::report
