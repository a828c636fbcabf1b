// A finding on one line of code.
#pragma once

#include <string_view>

#include "findings/finding.h"
#include "report/code_lines.h"

namespace goshawk::report {

// "mutex": the rule as a user types it.
std::string_view short_rule(const findings::Finding& finding);

// " 2.     30     38 MB  abandoned-result  shop/price.Fetch.func1  shop/price/price.go:41".
// `number` has four columns.
CodeLine brief_line(std::string_view number, const findings::Finding& finding);

}  // namespace goshawk::report
