// No advice for commands that need a process: it is gone by the time somebody reads this.
#include "report/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "findings/rules.h"
#include "report/accepted_text.h"
#include "report/finding_stack.h"
#include "report/foreign_text.h"
#include "report/leaks_headline.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::Finding;

namespace {

void write_labelled(Output& out, std::string_view label, const std::string& text,
                    std::size_t indent, const TextStyle& style) {
  if (text.empty()) return;
  constexpr std::size_t kLabelColumns = 5;
  std::string wrapped = wrap_text(escape_controls(text), indent + kLabelColumns, style.columns);
  out.write(fmt::format("{:{}}{:<{}}{}\n", "", indent, label, kLabelColumns, wrapped));
}

// What was checked, and what this rests on.
void write_checked(Output& out, const Judged& process) {
  const findings::Verdict& verdict = process.verdict;
  for (const findings::Suppressed& suppressed : verdict.suppressed)
    out.write(fmt::format("goshawk: {}\n", suppressed_text(verdict, suppressed)));
  if (std::ranges::any_of(verdict.findings, [](const Finding& one) { return !one.test.empty(); }))
    out.write(
        "goshawk: the test is named that started the goroutine, or what led to it: of what several "
        "tests share, the first\n");
  out.write(fmt::format("goshawk: {}\n", checked_text(verdict.checked, process.of_runtime)));
  for (const std::string& undecided : undecided_texts(verdict.checked))
    out.write(fmt::format("goshawk: {}\n", escape_controls(undecided)));
  for (const std::string& doubt : verdict.doubts)
    out.write(fmt::format("goshawk: doubt: {}\n", escape_controls(doubt)));
}

}  // namespace

void render_run_finding(Output& out, const Finding& finding, std::size_t indent,
                        const TextStyle& style) {
  std::string made_by = finding.test.empty() ? "" : finding.test + ": ";
  out.write(fmt::format(
      "{:{}}{}\n", "", indent,
      wrap_text(escape_controls(fmt::format(
                    "{}{}, {}: {} ({}, {})", made_by, plural(finding.count, "goroutine"),
                    human_bytes(finding.cost.total_bytes()), findings::title_of(finding),
                    findings::to_text(finding.confidence), finding.rule)),
                indent, style.columns)));
  render_code_lines(out, style, indent + 3, finding_stack(finding, style));
  std::string why = finding.evidence.empty() ? "" : finding.evidence.front() + " ";
  write_labelled(out, "why", fmt::format("{}({})", why, finding.wait_reason), indent + 3, style);
  for (std::size_t i = 1; i < finding.evidence.size(); ++i)
    write_labelled(out, "", finding.evidence[i], indent + 3, style);
  write_labelled(out, "fix", finding.advice, indent + 3, style);
}

void render_run_text(Output& out, const Judged& process, const TextStyle& style) {
  const findings::Verdict& verdict = process.verdict;
  if (verdict.findings.empty() && verdict.checked.unknown == 0 && verdict.checked.suppressed == 0 &&
      verdict.doubts.empty())
    return;
  out.write(fmt::format("goshawk: {}: {}\n", escape_controls(process.name), headline(verdict)));
  for (const Finding& finding : verdict.findings)
    if (finding.known != true) render_run_finding(out, finding, 2, style);
  write_checked(out, process);
}

// What is of the whole process comes before the tests, since what follows a test counts as its
// output. A subtest belongs to a test that runs: gotestsum breaks where that one has ended, as it
// has by now. So it is said to run once more, and to be skipped: no other verdict on it than its
// own.
void render_run_as_tests(Output& out, const Judged& process,
                         const std::function<bool(const Finding&)>& fails, bool marked,
                         const TextStyle& style) {
  const findings::Verdict& verdict = process.verdict;
  out.write(fmt::format("goshawk: {}: {}\n", escape_controls(process.name), headline(verdict)));
  write_checked(out, process);
  std::map<std::string, std::vector<const Finding*>> by_test;
  for (const Finding& finding : verdict.findings)
    if (finding.known != true) by_test[finding.test].push_back(&finding);
  std::string_view mark = marked ? "\x16" : "";
  for (const auto& [test, of_test] : by_test) {
    std::string name = test.empty() ? "goshawk" : escape_controls(test) + "/goshawk";
    if (!test.empty()) out.write(fmt::format("{}=== RUN   {}\n", mark, escape_controls(test)));
    out.write(fmt::format("{}=== RUN   {}\n", mark, name));
    bool failed = false;
    for (const Finding* finding : of_test) {
      render_run_finding(out, *finding, 4, style);
      failed = failed || fails(*finding);
    }
    out.write(fmt::format("{}--- {}: {} (0.00s)\n", mark, failed ? "FAIL" : "PASS", name));
    if (!test.empty())
      out.write(fmt::format("{}--- SKIP: {} (0.00s)\n", mark, escape_controls(test)));
  }
}

}  // namespace goshawk::report
