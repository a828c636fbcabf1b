#include "report/profile_parts.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <limits>

#include "report/json_parts.h"
#include "report/measures.h"

namespace goshawk::report {

std::string amount_text(std::int64_t amount, std::string_view unit) {
  std::uint64_t size =
      amount < 0 ? 0 - static_cast<std::uint64_t>(amount) : static_cast<std::uint64_t>(amount);
  std::string sign = amount < 0 ? "-" : "";
  if (unit == "bytes") return sign + human_bytes(size);
  if (unit == "nanoseconds") {
    auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return sign + human_duration(static_cast<std::int64_t>(std::min(size, most)));
  }
  std::string count = sign + human_count(size);
  return unit == "count" || unit.empty() ? count : fmt::format("{} {}", count, unit);
}

std::string part_text(std::int64_t amount, std::int64_t whole) {
  if (whole == 0) return "";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(amount) / static_cast<double>(whole));
}

CodeLine code_line_of(const findings::ProfilePlace& place, std::string prefix) {
  if (place.function.empty())
    return {.prefix = std::move(prefix), .function = address_text(place.address)};
  bool fits = place.line >= 0 && place.line <= std::numeric_limits<std::uint32_t>::max();
  return {.prefix = std::move(prefix),
          .function = std::string(place.function),
          .file = std::string(place.file),
          .line = fits ? static_cast<std::uint32_t>(place.line) : 0};
}

findings::ProfilePlace place_of(const pprof::Profile& profile, pprof::LocationId location,
                                std::size_t outwards) {
  std::span<const pprof::Line> lines = profile.lines_of(location);
  if (outwards >= lines.size()) return {.address = profile.locations[location].address};
  const pprof::Function& function = profile.functions[lines[outwards].function];
  return {.function = profile.strings[function.name],
          .file = profile.strings[function.file],
          .line = lines[outwards].line,
          .address = profile.locations[location].address};
}

std::string utc_text(std::int64_t unix_ns) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(unix_ns / 1'000'000'000));
}

std::string_view program_of(const pprof::Profile& profile) {
  return profile.mappings.empty() ? std::string_view() : profile.strings[profile.mappings[0].file];
}

}  // namespace goshawk::report
