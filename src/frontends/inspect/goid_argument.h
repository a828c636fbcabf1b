// Goroutine ids as a user types them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "report/goroutine_selection.h"

namespace goshawk::frontends::inspect {

// "18" or "1-9".
Result<report::GoidRange> parse_goids(const std::string& text);

// "18", "18 and 42-50": for a sentence.
std::string list_goids(const std::vector<report::GoidRange>& ranges);

}  // namespace goshawk::frontends::inspect
