// Follows time.ParseDuration: numbers with an optional fraction, each with a unit. Days are added;
// a sign is not, since an age has none.
#include "base/duration.h"

#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace goshawk {
namespace {

// Both letters that look like a micro: U+00B5 and U+03BC.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 9> kUnits = {{
    {"ns", 1},
    {"us", 1'000},
    {"\u00b5s", 1'000},
    {"\u03bcs", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
    {"d", 86'400'000'000'000},
}};

std::optional<std::int64_t> find_unit(std::string_view name) {
  for (const auto& [unit, ns] : kUnits)
    if (unit == name) return ns;
  return std::nullopt;
}

std::string_view take_digits(std::string_view& rest) {
  std::size_t end = 0;
  while (end < rest.size() && std::isdigit(static_cast<unsigned char>(rest[end])) != 0) ++end;
  std::string_view digits = rest.substr(0, end);
  rest.remove_prefix(end);
  return digits;
}

// The part of a unit that ".25" means; what is smaller than a nanosecond is dropped, and so are
// digits that no longer count.
std::int64_t fraction_of(std::string_view digits, std::int64_t unit) {
  std::int64_t number = 0;
  double scale = 1;
  for (char digit : digits.substr(0, 18)) {
    number = number * 10 + (digit - '0');
    scale *= 10;
  }
  return static_cast<std::int64_t>(static_cast<double>(number) *
                                   (static_cast<double>(unit) / scale));
}

// "1.5m" of "1.5m30s"; nothing when that is none, or too long.
std::optional<std::int64_t> take_part(std::string_view& rest) {
  std::string_view whole = take_digits(rest), fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  std::size_t end = std::min(rest.find_first_of(".0123456789"), rest.size());
  auto unit = find_unit(rest.substr(0, end));
  rest.remove_prefix(end);
  std::int64_t number = 0, part = 0;
  if (!whole.empty() &&
      std::from_chars(whole.data(), whole.data() + whole.size(), number).ec != std::errc())
    return std::nullopt;
  if (!unit || __builtin_mul_overflow(number, *unit, &part) ||
      __builtin_add_overflow(part, fraction_of(fraction, *unit), &part))
    return std::nullopt;
  return part;
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view option, const std::string& text) {
  Error not_understood = Usage{std::string(option) + ": \"" + text + "\" is no duration",
                               "write it as in Go: 90s, 1.5m, 1h30m; or 2d"};
  if (text == "0") return 0;
  std::string_view rest = text;
  if (rest.empty()) return fail(not_understood);
  std::int64_t total = 0;
  while (!rest.empty()) {
    auto part = take_part(rest);
    if (!part || __builtin_add_overflow(total, *part, &total)) return fail(not_understood);
  }
  return total;
}

}  // namespace goshawk
