// Where the time of a command went, as a table.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/stages.h"

namespace goshawk::report {

// Whether so much was read in it that its speed means something.
bool has_speed(const StageTime& stage);

// copied_bytes_per_second: what the machine can do; 0: not known. peak_bytes: of Goshawk; 0: the
// same.
std::string timings_text(std::span<const StageTime> timings, double copied_bytes_per_second,
                         std::uint64_t peak_bytes);

}  // namespace goshawk::report
