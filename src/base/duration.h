// Durations as a user types them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace goshawk {

// "90s", "1.5m", "1h30m", "2d", "250ms"; nanoseconds. The option is named when it is none.
Result<std::int64_t> parse_duration(std::string_view option, const std::string& text);

}  // namespace goshawk
