// Go's notation of durations (time.ParseDuration) in whole numbers, with days added.
#include "frontends/inspect/duration_argument.h"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace goshawk::frontends::inspect {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 7> kUnits = {{
    {"ns", 1},
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
    {"d", 86'400'000'000'000},
}};

std::int64_t find_unit(std::string_view name) {
  for (const auto& [unit, ns] : kUnits)
    if (unit == name) return ns;
  return 0;
}

Error not_understood(const std::string& text) {
  return Usage{"\"" + text + "\" is no duration", "write it like 90s, 5m, 1h30m or 2d"};
}

}  // namespace

Result<std::int64_t> parse_duration(const std::string& text) {
  std::string_view rest = text;
  std::int64_t total = 0;
  if (rest.empty()) return fail(not_understood(text));
  while (!rest.empty()) {
    std::int64_t number = 0;
    auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc() || number < 0) return fail(not_understood(text));
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
    std::size_t end = rest.find_first_of("0123456789");
    std::int64_t unit = find_unit(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
    std::int64_t part = 0;
    if (unit == 0 || __builtin_mul_overflow(number, unit, &part) ||
        __builtin_add_overflow(total, part, &total))
      return fail(not_understood(text));
  }
  return total;
}

}  // namespace goshawk::frontends::inspect
