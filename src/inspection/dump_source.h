// A file of goroutine dumps as a target.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dumps/dumps.h"
#include "inspection/inspection.h"
#include "report/judged.h"
#include "snapshot/snapshot.h"

namespace goshawk::inspection {

struct DumpFile {
  std::string name;  // as the user gave it
  dumps::Dumps dumps;
  std::vector<std::size_t> whole;  // of dumps: those of several goroutines, in order; else all
  std::size_t traces = 0;          // stacks of single goroutines beside them
};

// Nothing: it is something else (a process, a core, a snapshot, a file without a dump, no file at
// all). "-" is standard input, which is nothing else. By the content alone.
// `name` is for people; empty: the target.
Result<std::optional<DumpFile>> read_if_dump(const std::string& target,
                                             const std::string& name = "");

snapshot::TargetFacts facts_of(const DumpFile& file);
// What of the last dump is not there, or was not read.
std::vector<std::string> doubts_of_last(const DumpFile& file);

// The last dump of the file judged, with how sites have grown in those before it.
report::Judged judge_dumps(const DumpFile& file, const Accepted& accepted);

// The last dump as a picture of goroutines: what a dump does not tell is not there.
snapshot::Snapshot picture_of_last(const DumpFile& file);

}  // namespace goshawk::inspection
