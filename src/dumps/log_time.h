// The time that a log gives a line.
#pragma once

#include <string_view>

#include "dumps/dumps.h"

namespace goshawk::dumps {

// The first time in a prefix, or in a line of JSON: "2026-11-29T18:30:53.25Z", "2026/11/29
// 18:30:53", "Nov 29 18:30:53", of the journal its microseconds.
Time parse_log_time(std::string_view text);

}  // namespace goshawk::dumps
