// Numbers as people read them: two figures that matter, a unit in full, singular and plural right.
#include "report/measures.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace goshawk::report {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// "1.5", "12": one decimal only where it says something. `tenths` is ten times the value.
std::string with_one_decimal(std::uint64_t tenths) {
  if (tenths >= 100 || tenths % 10 == 0) return human_count((tenths + 5) / 10);
  return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

std::string two_units(std::uint64_t big, std::string_view big_name, std::uint64_t small,
                      std::string_view small_name) {
  if (small == 0) return plural(big, big_name);
  return plural(big, big_name) + " " + plural(small, small_name);
}

std::string sign_of(std::int64_t change) { return change < 0 ? "-" : "+"; }

std::uint64_t magnitude(std::int64_t change) {
  auto bits = static_cast<std::uint64_t>(change);
  return change < 0 ? 0 - bits : bits;
}

}  // namespace

std::string human_count(std::uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string plural(std::uint64_t count, std::string_view singular, std::string_view plural_form) {
  return fmt::format("{} {}", human_count(count), count == 1 ? singular : plural_form);
}

std::string plural(std::uint64_t count, std::string_view singular) {
  return plural(count, singular, std::string(singular) + "s");
}

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return plural(bytes, "byte");
  static constexpr std::array<std::string_view, 6> kUnits = {"KB", "MB", "GB", "TB", "PB", "EB"};
  std::uint64_t unit = 1024;
  std::size_t i = 0;
  // 1023.95 KB would round to "1,024 KB": go on to the next unit from there.
  while (i + 1 < kUnits.size() && bytes / unit >= 1023 &&
         (bytes / unit >= 1024 || bytes % unit > unit / 2)) {
    unit *= 1024;
    ++i;
  }
  std::uint64_t whole = bytes / unit;
  std::uint64_t tenths = whole * 10 + (bytes % unit / (unit / 1024) * 10 + 512) / 1024;
  return fmt::format("{} {}", with_one_decimal(tenths), kUnits[i]);
}

std::string human_duration(std::int64_t duration_ns) {
  if (duration_ns < 0) duration_ns = 0;
  auto in_units_of = [&](std::int64_t unit_ns) {
    auto unit = static_cast<std::uint64_t>(unit_ns);
    return (static_cast<std::uint64_t>(duration_ns) + unit / 2) / unit;
  };
  // What would round to a whole unit of the next size is told in that.
  if (std::uint64_t tenths = in_units_of(100); tenths < 10'000)
    return with_one_decimal(tenths) + " us";
  if (std::uint64_t tenths = in_units_of(100'000); tenths < 10'000)
    return with_one_decimal(tenths) + " ms";
  if (std::uint64_t tenths = in_units_of(kSecond / 10); tenths < 100)
    return with_one_decimal(tenths) + " s";
  if (std::uint64_t seconds = in_units_of(kSecond); seconds < 60) return plural(seconds, "second");
  std::uint64_t minutes = in_units_of(60 * kSecond);
  if (minutes < 60) return plural(minutes, "minute");
  if (minutes / 60 < 24) return two_units(minutes / 60, "hour", minutes % 60, "minute");
  std::uint64_t hours = in_units_of(3600 * kSecond);
  return two_units(hours / 24, "day", hours % 24, "hour");
}

std::string short_duration(std::int64_t duration_ns) {
  if (duration_ns < 0) duration_ns = 0;
  std::int64_t seconds = duration_ns / kSecond;
  std::int64_t minutes = seconds / 60;
  std::int64_t hours = minutes / 60;
  if (minutes == 0) return fmt::format("{}s", seconds);
  if (hours == 0) return fmt::format("{}m", minutes);
  if (hours < 24) return fmt::format("{}h{}m", hours, minutes % 60);
  return fmt::format("{}d{}h", hours / 24, hours % 24);
}

std::string signed_count(std::int64_t change) {
  return change == 0 ? "0" : sign_of(change) + human_count(magnitude(change));
}

std::string signed_bytes(std::int64_t change) {
  return change == 0 ? "0" : sign_of(change) + human_bytes(magnitude(change));
}

std::string share_text(std::uint64_t bytes, std::uint64_t total) {
  if (total == 0) return "";
  auto tenths = static_cast<std::uint64_t>(
      std::lround(static_cast<double>(bytes) * 1000.0 / static_cast<double>(total)));
  if (tenths < 1) return "<0.1 %";
  if (tenths >= 100) return fmt::format("{} %", (tenths + 5) / 10);
  return fmt::format("{}.{} %", tenths / 10, tenths % 10);
}

}  // namespace goshawk::report
