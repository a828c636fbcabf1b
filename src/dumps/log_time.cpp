// A zone is heeded where it is said ("Z", "+02:00"); else the time is the log's own, which is
// enough to tell how long after another one of the same log it is.
#include "dumps/log_time.h"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

#include "dumps/json_line.h"

namespace goshawk::dumps {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool one_of(std::string_view any) {
    if (text_.empty() || any.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Of exactly so many digits.
  std::optional<int> number(std::size_t digits) {
    int value = 0;
    if (text_.size() < digits) return std::nullopt;
    std::string_view told = text_.substr(0, digits);
    auto [end, error] = std::from_chars(told.data(), told.data() + told.size(), value);
    if (error != std::errc() || end != told.data() + told.size() || value < 0) return std::nullopt;
    text_.remove_prefix(digits);
    return value;
  }
  std::int64_t fraction_ns() {
    if (!one_of(".,")) return 0;
    std::int64_t ns = 0, unit = kSecondNs;
    while (auto digit = number(1)) {
      unit /= 10;
      ns += *digit * unit;
    }
    return ns;
  }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

// "18:30:53.25", with the zone; of the day it belongs to.
std::optional<std::int64_t> parse_clock(Scanner& scan) {
  auto hour = scan.number(2);
  if (!hour || !scan.one_of(":")) return std::nullopt;
  auto minute = scan.number(2);
  if (!minute || !scan.one_of(":")) return std::nullopt;
  auto second = scan.number(2);
  if (!second) return std::nullopt;
  std::int64_t ns = ((*hour * 60LL + *minute) * 60 + *second) * kSecondNs + scan.fraction_ns();
  bool east = scan.rest().starts_with('+');
  if (!scan.one_of("+-")) return ns;
  auto zone_hours = scan.number(2);
  if (!zone_hours) return ns;
  scan.one_of(":");
  std::int64_t zone_ns = (*zone_hours * 60LL + scan.number(2).value_or(0)) * 60 * kSecondNs;
  return east ? ns - zone_ns : ns + zone_ns;
}

std::optional<std::int64_t> days_since_epoch(int year, int month, int day) {
  std::chrono::year_month_day date{std::chrono::year(year),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// "2026-11-29T18:30:53", "2026/11/29 18:30:53"
std::optional<Time> parse_with_year(std::string_view text) {
  Scanner scan(text);
  auto year = scan.number(4);
  if (!year || *year < 2000 || *year > 2200 || !scan.one_of("-/")) return std::nullopt;
  auto month = scan.number(2);
  if (!month || !scan.one_of("-/")) return std::nullopt;
  auto day = scan.number(2);
  if (!day || !scan.one_of("T ")) return std::nullopt;
  auto clock = parse_clock(scan);
  auto days = days_since_epoch(*year, *month, *day);
  if (!clock || !days) return std::nullopt;
  return Time{Time::Scale::kUnix, *days * 86'400 * kSecondNs + *clock};
}

// "Nov 29 18:30:53"
std::optional<Time> parse_without_year(std::string_view text) {
  constexpr std::string_view kMonths = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
  std::size_t month = kMonths.find(text.substr(0, 4));
  if (text.size() < 4 || month % 4 != 0) return std::nullopt;
  Scanner scan(text.substr(4));
  auto day = scan.one_of(" ") ? scan.number(1) : scan.number(2);
  if (!day || !scan.one_of(" ")) return std::nullopt;
  auto clock = parse_clock(scan);
  constexpr int kLeapYear = 2024;  // any day can be in it
  auto days = days_since_epoch(kLeapYear, static_cast<int>(month / 4) + 1, *day);
  if (!clock || !days) return std::nullopt;
  return Time{Time::Scale::kNoYear, *days * 86'400 * kSecondNs + *clock};
}

std::optional<Time> parse_journal_time(std::string_view line) {
  auto text = find_json_string(line, "__REALTIME_TIMESTAMP");
  if (!text) return std::nullopt;
  std::int64_t us = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), us);
  constexpr std::int64_t kMostUs = 7'000'000'000'000'000;  // the year 2191
  if (error != std::errc() || us <= 0 || us > kMostUs) return std::nullopt;
  return Time{Time::Scale::kUnix, us * 1000};
}

}  // namespace

Time parse_log_time(std::string_view text) {
  if (text.starts_with('{'))
    if (auto time = parse_journal_time(text)) return *time;
  constexpr std::size_t kMostBytes = 4096;
  text = text.substr(0, kMostBytes);
  for (std::size_t at = 0; at < text.size(); ++at) {
    bool begins_word =
        at == 0 || std::string_view(" \"[|").find(text[at - 1]) != std::string_view::npos;
    if (!begins_word) continue;
    if (auto time = parse_with_year(text.substr(at))) return *time;
    if (auto time = parse_without_year(text.substr(at))) return *time;
  }
  return {};
}

}  // namespace goshawk::dumps
