// The columns are those of all findings that a screen shows in short, one below the other.
#include "report/brief_finding.h"

#include <fmt/format.h>

#include "findings/rules.h"
#include "report/finding_text.h"
#include "report/measures.h"

namespace goshawk::report {

std::string_view short_rule(const findings::Finding& finding) {
  const findings::Rule* rule = findings::find_rule(finding.rule);
  return rule != nullptr ? findings::short_name(*rule) : std::string_view(finding.rule);
}

CodeLine brief_line(std::string_view number, const findings::Finding& finding) {
  return {.prefix = fmt::format("{:<4}{:>6}  {:>9}  {:<9}  {:<16}  ", number,
                                human_count(finding.count), cost_text(finding.cost),
                                findings::to_text(finding.confidence), short_rule(finding)),
          .function = finding.blocked_at.function,
          .file = finding.blocked_at.file,
          .line = finding.blocked_at.line};
}

}  // namespace goshawk::report
