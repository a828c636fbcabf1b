// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace goshawk::report {

std::string human_count(std::uint64_t count);  // "1,240"
std::string human_bytes(std::uint64_t bytes);  // "512 bytes", "8 KB", "1.5 MB" (of 1024)
std::string human_duration(
    std::int64_t duration_ns);  // "3.2 ms", "12 minutes", "2 hours 5 minutes"
std::string short_duration(std::int64_t duration_ns);  // for columns: "45s", "12m", "2h5m", "3d4h"

// What was added or taken away: "+1,240", "-38", "0"; "+1.5 MB", "-512 bytes", "0".
std::string signed_count(std::int64_t change);
std::string signed_bytes(std::int64_t change);

std::string share_text(std::uint64_t bytes, std::uint64_t total);  // "12 %", "1.5 %", "<0.1 %"

// "1 goroutine", "1,240 goroutines"
std::string plural(std::uint64_t count, std::string_view singular, std::string_view plural_form);
std::string plural(std::uint64_t count, std::string_view singular);  // with an s

}  // namespace goshawk::report
