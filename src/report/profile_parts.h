// What all texts of profiles share: amounts in the unit of their sample type, places, times.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "findings/profile_sites.h"
#include "pprof/profile.h"
#include "report/code_lines.h"

namespace goshawk::report {

// "1.5 MB", "3.2 s", "1,204", "7 microseconds"; a negative one (a difference) with its sign.
std::string amount_text(std::int64_t amount, std::string_view unit);

// "64.2 %"; empty where there is no whole.
std::string part_text(std::int64_t amount, std::int64_t whole);

CodeLine code_line_of(const findings::ProfilePlace& place, std::string prefix);
// The innermost call at a location, or the one that is `outwards` calls further out there.
findings::ProfilePlace place_of(const pprof::Profile& profile, pprof::LocationId location,
                                std::size_t outwards = 0);

std::string utc_text(std::int64_t unix_ns);  // "2026-11-29 18:30:12 UTC"

// The file of the program that was profiled; empty: the profile does not say.
std::string_view program_of(const pprof::Profile& profile);

}  // namespace goshawk::report
