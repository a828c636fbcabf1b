// A file of goroutine dumps as a target.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analyses/profile/lives.h"
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
  std::vector<analyses::profile::Life> lives = {};  // of the processes whose dumps are whole
};

// Nothing: it is something else (a process, a core, a snapshot, a file without a dump, no file at
// all). "-" is standard input, which is nothing else. By the content alone.
// `name` is for people; empty: the target.
Result<std::optional<DumpFile>> read_if_dump(const std::string& target,
                                             const std::string& name = "");

snapshot::TargetFacts facts_of(const DumpFile& file);
// What of these dumps of the file (their numbers) is not there, or was not read.
std::vector<std::string> doubts_of(const DumpFile& file, std::span<const std::size_t> numbers);

// The last dump of each process judged, with how sites have grown in those of its before.
report::Judged judge_dumps(const DumpFile& file, const Accepted& accepted);

// The last dump of the file as a picture of goroutines: what a dump does not tell is not there.
snapshot::Snapshot picture_of_last(const DumpFile& file);

}  // namespace goshawk::inspection
