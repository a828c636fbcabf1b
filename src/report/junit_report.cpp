// A case is named by what stays from run to run, for readers compare runs by names: the test, the
// rule, the function; those of one name are told apart by
// their fingerprints.
// XML 1.0 has no way to write most control characters: escape_controls has made them visible
// before. U+FFFE and U+FFFF, which it forbids too, are replaced.
#include "report/junit_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "findings/rules.h"
#include "report/brief_finding.h"
#include "report/finding_text.h"
#include "report/foreign_text.h"
#include "report/leaks_headline.h"

namespace goshawk::report {

using findings::Confidence;
using findings::Finding;

namespace {

constexpr std::size_t kColumns = 100;

// As an attribute or as text; line breaks are kept in text only (kLines).
enum class Breaks { kEscaped, kLines };

std::string xml_text(std::string_view foreign, Breaks breaks = Breaks::kEscaped) {
  std::string text;
  while (!foreign.empty()) {
    std::size_t end =
        breaks == Breaks::kLines ? std::min(foreign.find('\n'), foreign.size()) : foreign.size();
    for (char c : escape_controls(foreign.substr(0, end))) {
      if (c == '&')
        text += "&amp;";
      else if (c == '<')
        text += "&lt;";
      else if (c == '>')
        text += "&gt;";
      else if (c == '"')
        text += "&quot;";
      else
        text += c;
    }
    if (end < foreign.size()) text += '\n';
    foreign.remove_prefix(std::min(end + 1, foreign.size()));
  }
  for (std::string_view no_character : {"\xef\xbf\xbe", "\xef\xbf\xbf"})
    for (std::size_t at = text.find(no_character); at != std::string::npos;
         at = text.find(no_character, at))
      text.replace(at, no_character.size(), "\xef\xbf\xbd");
  return text;
}

struct Case {
  std::string name;
  const Finding* finding = nullptr;  // nothing: all is well
  std::string skipped = {};          // why; "": it is not
  bool fails = false;
};

class Junit {
 public:
  Junit(Output& out, std::optional<Confidence> fails_from)
      : out_(out), fails_from_(fails_from.value_or(Confidence::kLikely)) {}

  void render(std::span<const Judged> processes) {
    std::vector<std::vector<Case>> suites;
    for (const Judged& judged : processes) suites.push_back(cases_of(judged));
    std::size_t tests = 0, failures = 0;
    for (const std::vector<Case>& cases : suites) {
      tests += cases.size();
      failures += count_failures(cases);
    }
    out_.write(
        fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<testsuites name=\"goshawk\" tests=\"{}\" failures=\"{}\" "
                    "errors=\"0\">\n",
                    tests, failures));
    for (std::size_t i = 0; i < processes.size(); ++i) render_suite(processes[i], suites[i]);
    out_.write("</testsuites>\n");
  }

 private:
  std::vector<Case> cases_of(const Judged& judged) const {
    std::vector<Case> cases;
    auto add = [&](const Finding& finding, std::string skipped) {
      bool fails = skipped.empty() && finding.confidence <= fails_from_;
      cases.push_back({name_of(finding), &finding, std::move(skipped), fails});
    };
    const findings::Verdict& verdict = judged.verdict;
    for (const Finding& finding : verdict.findings)
      add(finding, finding.known == true ? "known from " + verdict.baseline->path : "");
    for (const findings::Suppressed& suppressed : verdict.suppressed)
      for (const Finding& finding : suppressed.findings)
        add(finding, fmt::format("suppressed by {}:{}: {}", verdict.suppressions.path,
                                 suppressed.entry.line, suppressed.entry.reason));
    std::map<std::string, std::size_t> named;
    for (const Case& one : cases) ++named[one.name];
    for (Case& one : cases)
      if (named[one.name] > 1) one.name += fmt::format(" ({})", one.finding->fingerprint);
    if (cases.empty()) cases.push_back({.name = "no leak found"});
    return cases;
  }

  // "TestFetch/slow: abandoned-result in shop/price.Fetch.func1"
  static std::string name_of(const Finding& finding) {
    std::string text = finding.test.empty() ? "" : finding.test + ": ";
    text += short_rule(finding);
    const findings::CodePlace& place =
        finding.blocked_at.function.empty() ? finding.created_at : finding.blocked_at;
    if (!place.function.empty()) text += " in " + place.function;
    return text;
  }

  static std::size_t count_failures(const std::vector<Case>& cases) {
    return static_cast<std::size_t>(std::ranges::count_if(cases, &Case::fails));
  }

  void render_suite(const Judged& judged, const std::vector<Case>& cases) {
    auto skipped = std::ranges::count_if(cases, [](const Case& c) { return !c.skipped.empty(); });
    out_.write(fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
        xml_text(class_name(judged)), cases.size(), count_failures(cases), skipped));
    for (const Case& one : cases) render_case(class_name(judged), one);
    out_.write("    <system-out>" + xml_text(what_was_checked(judged), Breaks::kLines) +
               "</system-out>\n  </testsuite>\n");
  }

  // Not the pid, which is another one at each run.
  static std::string class_name(const Judged& judged) {
    if (!judged.name.empty()) return judged.name;
    const std::string& executable = judged.target.executable;
    return executable.empty() ? "goshawk" : executable.substr(executable.rfind('/') + 1);
  }

  void render_case(const std::string& class_name, const Case& one) {
    out_.write(fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml_text(class_name),
                           xml_text(one.name)));
    if (one.finding == nullptr) return out_.write("/>\n");
    out_.write(">\n");
    if (one.fails)
      out_.write(fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                             xml_text(one.finding->rule), xml_text(message_of(*one.finding)),
                             xml_text(text_of(*one.finding, false), Breaks::kLines)));
    if (!one.skipped.empty())
      out_.write(fmt::format("      <skipped message=\"{}\"/>\n", xml_text(one.skipped)));
    out_.write(fmt::format("      <system-out>{}</system-out>\n    </testcase>\n",
                           xml_text(text_of(*one.finding, true), Breaks::kLines)));
  }

  static std::string message_of(const Finding& finding) {
    return fmt::format("{} ({})", finding_title(finding), findings::to_text(finding.confidence));
  }

  static std::string text_of(const Finding& finding, bool all) {
    StringOutput text;
    text.write(message_of(finding) + "\n");
    render_finding_text(text, finding, {.palette = {}, .columns = kColumns, .all = all});
    return text.text();
  }

  static std::string what_was_checked(const Judged& judged) {
    const findings::Checked& checked = judged.verdict.checked;
    std::string text = fmt::format("{}\n{}\n", describe(judged), headline(judged.verdict));
    text += checked_text(checked, judged.of_runtime) + "\n";
    for (const std::string& reason : undecided_texts(checked)) text += reason + "\n";
    for (const std::string& doubt : judged.verdict.doubts) text += "Doubt: " + doubt + "\n";
    return text;
  }

  Output& out_;
  Confidence fails_from_;
};

}  // namespace

void render_junit(Output& out, std::span<const Judged> processes,
                  std::optional<Confidence> fails_from) {
  Junit(out, fails_from).render(processes);
}

}  // namespace goshawk::report
