// goshawk test: what all test binaries of a run have together, reports and what is to be said of
// suppressions. Each binary's goshawk leaves what it found in a folder of ours; when all is over
// they are read, and written as one.
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
  // Of the request's reports those that have no %p in their names. Usage: what --report does not
  // take. Missing: they need a folder, and there is none to be had.
  static Result<JoinedReports> begin(const RunRequest& request);
  JoinedReports(JoinedReports&& other) noexcept;
  ~JoinedReports();  // removes the folder

  const std::string& folder() const { return folder_; }  // "": there is none, nor a need
  // All that was left there, by the names of packages. What is to be said of it is noted.
  Result<void> finish(const RunRequest& request) const;

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
