// goshawk test: reports that all test binaries of a run have together. Each binary's goshawk leaves
// what it found in a folder of ours; when all is over they are read, and written as one.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "frontends/testrun/run_command.h"
#include "report/judged.h"
#include "report/report_files.h"

namespace goshawk::frontends::testrun {

class JoinedReports {
 public:
  // Of the request's reports those that have no %p in their names: a folder is made if there are
  // any. Usage: what --report does not take.
  static Result<JoinedReports> begin(const RunRequest& request);
  JoinedReports(JoinedReports&& other) noexcept;
  ~JoinedReports();  // removes the folder

  const std::string& folder() const { return folder_; }  // "": none is needed
  // All that was left there, by the names of packages.
  Result<void> write(const RunRequest& request) const;

 private:
  JoinedReports() = default;

  std::vector<report::ReportFile> files_;
  std::string folder_;
};

// Whether each test binary writes it for itself.
bool is_of_each(const std::string& report);

// What exec leaves in the folder; the processes are called by the packages that they test.
Result<void> leave_for_join(const std::string& folder, std::vector<report::Judged> processes);

}  // namespace goshawk::frontends::testrun
