// What of a verdict is reported, as what, and whether it makes a command fail.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "findings/finding.h"
#include "inspection/delivery.h"
#include "report/report_kinds.h"

namespace goshawk::inspection {

// The ids of the rules that were named.
Result<std::vector<std::string_view>> parse_rules(const std::vector<std::string>& names);

// Leaves only the findings of these rules (their ids); what was checked stays.
void keep_rules(findings::Verdict& verdict, const std::vector<std::string_view>& rules);

// Of "proven", "likely", "suspected"; anything else: nothing fails.
std::optional<findings::Confidence> fails_from(std::string_view fail_on);
// Whether anything new was found with this confidence or a higher one.
bool has_new_finding_at_least(const findings::Verdict& verdict, findings::Confidence confidence);

// Nothing: a profile and the like, which is no report.
std::optional<report::ReportKind> report_kind_of(Format format);

}  // namespace goshawk::inspection
