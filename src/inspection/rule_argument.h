// Rules as a user names them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "findings/rules.h"

namespace goshawk::inspection {

// "mutex" or "goroutine/mutex", in any case. Usage with what may have been meant otherwise.
Result<const findings::Rule*> parse_rule(const std::string& text);

// The short names of the rules that can be found, in their order.
const std::vector<std::string_view>& rule_names();

}  // namespace goshawk::inspection
