// Looks at one process that a command of ours has started: what is judged of it, and what of that
// is a failure. The same for the end of a process and for a picture of it while it runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "findings/heap_holders.h"
#include "frontends/testrun/run_command.h"
#include "inspection/inspection.h"
#include "report/judged.h"
#include "report/report_files.h"
#include "target/target.h"

namespace goshawk::frontends::testrun {

struct Examined {
  report::Judged judged;
  std::optional<findings::HeapHolders> holders = {};  // of `goshawk run`
};

// "goshawk: " and the text, on standard error.
void note(const std::string& text);

// By its executable; an error: that may not be read.
Result<bool> is_go_program(std::int64_t pid);

// From which confidence on a finding is a failure; no value: none is.
std::optional<findings::Confidence> fails_from(const RunRequest& request);

// What it has read it only reads: several threads may ask it.
class Examiner {
 public:
  // Of the files that the request names.
  static Result<Examiner> prepare(const RunRequest& request);

  // Its name is that of its executable. An error has not been told yet.
  Result<Examined> examine(std::unique_ptr<target::Target> target) const;

  bool fails(const findings::Finding& finding) const;
  bool fails(const Examined& examined) const;
  const std::vector<report::ReportFile>& files() const { return files_; }
  // Tells what cannot be written; false then.
  bool write_reports(const std::vector<report::ReportFile>& files,
                     std::span<const Examined> processes) const;

 private:
  explicit Examiner(const RunRequest& request) : request_(request) {}

  const RunRequest& request_;
  inspection::Accepted accepted_;
  std::vector<report::ReportFile> files_;
};

std::string executable_name(const target::Target& target);

// "2 Go processes", "41 goroutines checked, 1 proven leaked".
std::string tally(std::span<const Examined> processes);

// What was found in it, and who holds much of its heap.
void tell(report::Output& out, const Examined& examined, const report::TextStyle& style);

}  // namespace goshawk::frontends::testrun
