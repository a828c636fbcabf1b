// Every way to tell of findings, under one roof: what a frontend hands its results to.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/stages.h"
#include "findings/finding.h"
#include "report/code_lines.h"
#include "report/judged.h"
#include "report/output.h"
#include "report/source_tree.h"

namespace goshawk::report {

enum class ReportKind { kText, kJson, kSarif, kJunit, kGithub, kMarkdown };

std::vector<std::string_view> report_kind_names();  // "text", "json", ...
std::optional<ReportKind> find_report_kind(std::string_view name);

struct ReportOptions {
  TextStyle style = {};  // of text; its `all` holds for every kind that cuts lists
  SourceTree sources = {};
  std::optional<findings::Confidence> fails_from = {};  // JUnit: what fails; see render_junit
  std::span<const StageTime> timings = {};              // JSON of one process
  bool of_a_run = false;  // JSON: with "targets", even if there is only one process
};

void render_report(Output& out, ReportKind kind, std::span<const Judged> processes,
                   const ReportOptions& options);

}  // namespace goshawk::report
