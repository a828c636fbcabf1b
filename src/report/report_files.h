// Reports that are written to files beside what goes to standard output: `--report KIND=FILE`.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/report_kinds.h"

namespace goshawk::report {

struct ReportFile {
  ReportKind kind = ReportKind::kText;
  std::string path;
};

// Of "sarif=leaks.sarif" and the like. Usage: an unknown kind, no file, or two reports that would
// be written to one file; `output` is where the result itself goes, "": to standard output.
Result<std::vector<ReportFile>> parse_report_files(const std::vector<std::string>& typed,
                                                   const std::string& output);

// Each appears whole or not at all. One that cannot be written keeps none of the others from being
// written; the first error is returned. Text has no colour and 100 columns.
Result<void> write_report_files(const std::vector<ReportFile>& files,
                                std::span<const Judged> processes, const ReportOptions& options);

}  // namespace goshawk::report
