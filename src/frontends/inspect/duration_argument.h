// Durations as a user types them.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace goshawk::frontends::inspect {

// "90s", "5m", "1h30m", "2d", "250ms"; nanoseconds.
Result<std::int64_t> parse_duration(const std::string& text);

}  // namespace goshawk::frontends::inspect
