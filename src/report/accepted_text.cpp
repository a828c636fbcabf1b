// Nothing is hidden by what a user accepts: each group that is not shown whole has its line, and
// the lines name the file and the place in it. Long lists are cut and counted, but for --all.
// Reasons, patterns and all that a baseline holds are foreign and pass through escape_controls.
#include "report/accepted_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "findings/baseline.h"
#include "report/brief_finding.h"
#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::KnownFinding;
using findings::Suppression;
using findings::Verdict;

namespace {

constexpr std::size_t kShown = 5;
constexpr std::size_t kShownLines = 15;  // of known findings: one screen

std::size_t shown_of(const TextStyle& style, std::size_t count, std::size_t most = kShown) {
  return style.all || count == most + 1 ? count : std::min(count, most);
}

// "Expired in .goshawk.toml, ...: line 4 (rule goroutine/mutex; until 2026-01-01), line 9 (...)"
std::string entries_text(const TextStyle& style, const std::string& what,
                         const std::vector<Suppression>& entries) {
  std::string text = what;
  std::size_t shown = shown_of(style, entries.size());
  for (std::size_t i = 0; i < shown; ++i)
    text += fmt::format("{}line {} ({}{})", i == 0 ? " " : ", ", entries[i].line,
                        escape_controls(describe(entries[i])),
                        entries[i].until.empty() ? "" : "; until " + entries[i].until);
  if (shown < entries.size()) text += fmt::format(" and {} more (--all)", entries.size() - shown);
  return wrap_text(text, 2, style.columns) + "\n";
}

// "3 goroutines (mutex) in main.hold, started by main.start"
std::string gone_text(const KnownFinding& finding) {
  std::string rule = finding.rule.substr(finding.rule.rfind('/') + 1);
  std::string text =
      finding.count == 0 ? rule : fmt::format("{} ({})", plural(finding.count, "goroutine"), rule);
  if (!finding.blocked_in.empty()) text += " in " + finding.blocked_in;
  if (!finding.created_by.empty()) text += ", started by " + finding.created_by;
  return escape_controls(text);
}

}  // namespace

std::string suppressed_text(const Verdict& verdict, const findings::Suppressed& suppressed) {
  return escape_controls(
      fmt::format("{} suppressed by {}:{}: {}", plural(suppressed.count(), "goroutine"),
                  verdict.suppressions.path, suppressed.entry.line, suppressed.entry.reason));
}

void render_suppressions(Output& out, const TextStyle& style, const Verdict& verdict) {
  for (const findings::Suppressed& suppressed : verdict.suppressed)
    out.write(wrap_text(suppressed_text(verdict, suppressed), 2, style.columns) + "\n");
  std::string path = escape_controls(verdict.suppressions.path);
  if (const auto& unused = verdict.suppressions.unused; !unused.empty())
    out.write(style.palette.faint(
        entries_text(style, fmt::format("Entries of {} that fit no leak here:", path), unused)));
  if (const auto& expired = verdict.suppressions.expired; !expired.empty())
    out.write(style.palette.warning(entries_text(
        style, fmt::format("Entries of {} that have expired and suppress no longer:", path),
        expired)));
}

void render_known(Output& out, const TextStyle& style, const Verdict& verdict) {
  std::size_t fresh = findings::count_new(verdict.findings);
  if (!verdict.baseline || fresh == verdict.findings.size()) return;
  out.write(fmt::format("\nknown from {}{}:\n", escape_controls(verdict.baseline->path),
                        style.all ? "" : " (--all shows them whole)"));
  std::size_t known = verdict.findings.size() - fresh;
  std::size_t shown = shown_of(style, known, kShownLines);
  std::vector<CodeLine> lines;
  for (std::size_t i = fresh; i < fresh + shown; ++i)
    lines.push_back(brief_line("", verdict.findings[i]));
  if (shown < known)
    lines.push_back(
        {.note = fmt::format("... and {}", plural(known - shown, "group more", "groups more"))});
  render_code_lines(out, style, 0, lines);
}

void render_gone(Output& out, const TextStyle& style, const Verdict& verdict) {
  if (!verdict.baseline || verdict.baseline->gone.empty()) return;
  const std::vector<KnownFinding>& gone = verdict.baseline->gone;
  std::string text =
      fmt::format("{} of {} {} not found here any more", plural(gone.size(), "group"),
                  escape_controls(verdict.baseline->path), gone.size() == 1 ? "is" : "are");
  if (verdict.checked.unknown > 0)
    text += fmt::format(", though {} could not be decided",
                        plural(verdict.checked.unknown, "goroutine"));
  out.write("\n" + wrap_text(text + ":", 0, style.columns) + "\n");
  std::size_t shown = shown_of(style, gone.size());
  for (std::size_t i = 0; i < shown; ++i)
    out.write("    " + wrap_text(gone_text(gone[i]), 6, style.columns) + "\n");
  if (shown < gone.size()) out.write(fmt::format("... and {} more (--all)\n", gone.size() - shown));
}

}  // namespace goshawk::report
