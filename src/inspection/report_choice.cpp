#include "inspection/report_choice.h"

#include <algorithm>

#include "inspection/rule_argument.h"

namespace goshawk::inspection {

using findings::Confidence;

Result<std::vector<std::string_view>> parse_rules(const std::vector<std::string>& names) {
  std::vector<std::string_view> ids;
  for (const std::string& name : names) ids.push_back(TRY(parse_rule(name))->id);
  return ids;
}

void keep_rules(findings::Verdict& verdict, const std::vector<std::string_view>& rules) {
  auto is_other = [&](const auto& finding) {
    return std::ranges::find(rules, finding.rule) == rules.end();
  };
  std::erase_if(verdict.findings, is_other);
  for (findings::Suppressed& suppressed : verdict.suppressed)
    std::erase_if(suppressed.findings, is_other);
  std::erase_if(verdict.suppressed,
                [](const findings::Suppressed& suppressed) { return suppressed.findings.empty(); });
  if (verdict.baseline) std::erase_if(verdict.baseline->gone, is_other);
}

std::optional<Confidence> fails_from(std::string_view fail_on) {
  for (Confidence confidence : {Confidence::kProven, Confidence::kLikely, Confidence::kSuspected})
    if (fail_on == findings::to_text(confidence)) return confidence;
  return std::nullopt;
}

bool has_new_finding_at_least(const findings::Verdict& verdict, Confidence confidence) {
  return std::ranges::any_of(verdict.findings, [&](const findings::Finding& finding) {
    return finding.known != true && finding.confidence <= confidence;
  });
}

std::optional<report::ReportKind> report_kind_of(Format format) {
  switch (format) {
    case Format::kText:
      return report::ReportKind::kText;
    case Format::kJson:
      return report::ReportKind::kJson;
    case Format::kSarif:
      return report::ReportKind::kSarif;
    case Format::kJunit:
      return report::ReportKind::kJunit;
    case Format::kGithub:
      return report::ReportKind::kGithub;
    case Format::kMarkdown:
      return report::ReportKind::kMarkdown;
    case Format::kToml:
    case Format::kPprof:
    case Format::kFolded:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace goshawk::inspection
