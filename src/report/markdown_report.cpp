// Whatever comes from the target stands in code, inline or fenced: there Markdown, HTML and
// mentions (@somebody) mean nothing, and only the fence has to be longer than any in the text. In a
// table a | is escaped even in code (GFM, tables extension).
#include "report/markdown_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "findings/baseline.h"
#include "findings/function_name.h"
#include "report/accepted_text.h"
#include "report/brief_finding.h"
#include "report/finding_text.h"
#include "report/foreign_text.h"
#include "report/leaks_headline.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::CodePlace;
using findings::Finding;

namespace {

constexpr std::size_t kShownRows = 50;
constexpr std::size_t kShownWhole = 20;
constexpr std::size_t kColumns = 100;

// Of backticks, at least `least`, one more than the text has in a row.
std::string fence_for(std::string_view text, std::size_t least) {
  std::size_t longest = 0, run = 0;
  for (char c : text) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  return std::string(std::max(least, longest + 1), '`');
}

std::string inline_code(std::string_view foreign) {
  std::string text = escape_controls(foreign);
  if (text.find_first_not_of(' ') == std::string::npos) return "";
  std::string fence = fence_for(text, 1);
  std::string pad = text.starts_with('`') || text.ends_with('`') ? " " : "";
  return fence + pad + text + pad + fence;
}

std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, 1, '\\');
  return text;
}

// `text` has its line breaks, and its controls escaped.
std::string code_block(std::string_view text) {
  std::string fence = fence_for(text, 3);
  return fmt::format("{}text\n{}{}{}\n", fence, text, text.ends_with('\n') ? "" : "\n", fence);
}

// Of several processes, those of which there is nothing to say share a list.
bool has_something_to_say(const findings::Verdict& verdict) {
  return !verdict.findings.empty() || !verdict.suppressed.empty() || verdict.checked.unknown > 0 ||
         !verdict.doubts.empty() || (verdict.baseline && !verdict.baseline->gone.empty());
}

class Markdown {
 public:
  Markdown(Output& out, const SourceTree& sources, bool all)
      : out_(out), sources_(sources), all_(all) {}

  void render(const Judged& judged) {
    const findings::Verdict& verdict = judged.verdict;
    out_.write(fmt::format("### {} Goshawk: {}\n\n", mark_of(verdict), headline(verdict)));
    out_.write(inline_code(describe(judged)) + "\n\n");
    std::size_t rows = shown_of(verdict.findings.size(), kShownRows);
    if (rows > 0) render_table(verdict, rows);
    std::size_t whole = shown_of(rows, kShownWhole);
    for (std::size_t i = 0; i < whole; ++i)
      if (all_ || verdict.findings[i].known != true) render_details(verdict.findings[i], i + 1);
    out_.write(checked_text(verdict.checked, judged.of_runtime) + ".\n\n");
    render_notes(judged);
  }

 private:
  std::size_t shown_of(std::size_t count, std::size_t most) const {
    return all_ ? count : std::min(count, most);
  }

  static std::string_view mark_of(const findings::Verdict& verdict) {
    if (findings::count_new(verdict.findings) > 0) return "❌";
    return verdict.checked.unknown > 0 || !verdict.doubts.empty() ? "⚠️" : "✅";
  }

  void render_table(const findings::Verdict& verdict, std::size_t rows) {
    auto has_test = [](const Finding& finding) { return !finding.test.empty(); };
    bool tests = std::ranges::any_of(verdict.findings, has_test);
    out_.write(fmt::format("| | goroutines | holds | sure | rule | blocked in | started by |{}\n",
                           tests ? " test |" : ""));
    out_.write(fmt::format("|--:|--:|--:|---|---|---|---|{}\n", tests ? "---|" : ""));
    for (std::size_t i = 0; i < rows; ++i) {
      const Finding& finding = verdict.findings[i];
      out_.write(fmt::format(
          "| {} | {} | {} | {}{} | {} | {} | {} |", i + 1, human_count(finding.count),
          cost_text(finding.cost), findings::to_text(finding.confidence),
          finding.known == true ? ", known" : "", cell(inline_code(short_rule(finding))),
          cell(place_cell(finding.blocked_at)), cell(place_cell(finding.created_at))));
      out_.write(tests ? fmt::format(" {} |\n", cell(inline_code(finding.test))) : "\n");
    }
    if (rows < verdict.findings.size())
      out_.write(
          fmt::format("\n... and {} more\n", plural(verdict.findings.size() - rows, "group")));
    out_.write("\n");
  }

  // "`shop/price.Fetch` `price/price.go:38`"
  std::string place_cell(const CodePlace& place) const {
    if (place.function.empty()) return "";
    std::string text = inline_code(findings::shorten_type_arguments(place.function));
    std::string file =
        sources_.find(place).value_or(std::string(shorten_source_path(place.file, place.function)));
    if (file.empty()) return text;
    return text + " " + inline_code(place.line > 0 ? fmt::format("{}:{}", file, place.line) : file);
  }

  void render_details(const Finding& finding, std::size_t number) {
    StringOutput text;
    render_finding_text(text, finding, {.palette = {}, .columns = kColumns, .all = all_});
    out_.write(fmt::format("<details><summary>{}. {}</summary>\n\n{}\n</details>\n\n", number,
                           finding_title(finding), code_block(text.text())));
  }

  void render_notes(const Judged& judged) {
    StringOutput text;
    TextStyle style{.palette = {}, .columns = kColumns, .all = all_};
    for (const std::string& line : judged.about)
      text.write(wrap_text(escape_controls(line), 0, kColumns) + "\n");
    for (const std::string& reason : undecided_texts(judged.verdict.checked))
      text.write(escape_controls(reason) + "\n");
    for (const std::string& doubt : judged.verdict.doubts)
      text.write(wrap_text("Doubt: " + escape_controls(doubt), 0, kColumns) + "\n");
    render_gone(text, style, judged.verdict);
    render_suppressions(text, style, judged.verdict);
    std::string_view notes = text.text();
    notes.remove_prefix(std::min(notes.find_first_not_of('\n'), notes.size()));
    if (!notes.empty()) out_.write(code_block(notes) + "\n");
  }

  Output& out_;
  const SourceTree& sources_;
  bool all_;
};

}  // namespace

void render_markdown(Output& out, std::span<const Judged> processes, const SourceTree& sources,
                     bool all) {
  std::string clean;
  std::size_t clean_count = 0;
  for (const Judged& judged : processes) {
    if (processes.size() == 1 || has_something_to_say(judged.verdict)) {
      Markdown(out, sources, all).render(judged);
      continue;
    }
    if (++clean_count <= kShownRows || all)
      clean += fmt::format("\n- {}: {}", inline_code(describe(judged)),
                           checked_text(judged.verdict.checked, judged.of_runtime));
  }
  if (clean_count == 0) return;
  out.write(fmt::format("### ✅ Goshawk: no leaked goroutine in {}\n{}\n\n",
                        plural(clean_count, "process", "processes"), clean));
}

}  // namespace goshawk::report
