#include "frontends/watch/alert.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <ctime>

#include "report/code_lines.h"
#include "report/json_writer.h"
#include "report/leaks_json.h"
#include "report/measures.h"

namespace goshawk::frontends::watch {

using findings::Confidence;

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr double kMinute = 60, kHour = 3600, kDay = 86'400;

std::string format_time(std::int64_t unix_ns, const char* format, bool local) {
  std::time_t seconds = unix_ns / kSecondNs;
  std::tm parts{};
  local ? ::localtime_r(&seconds, &parts) : ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::string amount_text(const Alert& alert, double amount) {
  auto whole = static_cast<std::uint64_t>(std::llround(std::max(0.0, amount)));
  return is_memory(alert.quantity) ? report::human_bytes(whole) : report::human_count(whole);
}

// In the unit of time in which it is a number that one can picture.
std::string rate_text(const Alert& alert) {
  double least = is_memory(alert.quantity) ? 1 << 20 : 1;
  if (alert.per_second >= least) return amount_text(alert, alert.per_second) + " a second";
  if (alert.per_second * kMinute >= least)
    return amount_text(alert, alert.per_second * kMinute) + " a minute";
  if (alert.per_second * kHour >= least)
    return amount_text(alert, alert.per_second * kHour) + " an hour";
  return amount_text(alert, alert.per_second * kDay) + " a day";
}

void write_place(report::JsonWriter& json, const findings::CodePlace& place) {
  json.begin_object();
  json.member("function", place.function);
  json.member("file", place.file);
  json.member("line", place.line);
  json.end_object();
}

void write_growth(report::JsonWriter& json, const Alert& alert) {
  json.key("growing");
  json.begin_object();
  json.member("what", name_of(alert.quantity));
  if (alert.quantity == Quantity::kGoroutines) {
    json.key("created_at");
    write_place(json, alert.site);
  }
  json.member("level", alert.level);
  json.member("per_hour", alert.per_second * kHour);
  json.member("since", utc_time(alert.since_unix_ns));
  json.member("more_than_a_day_does", alert.more_than_a_day_does);
  json.member("seconds_until_limit", alert.seconds_until_limit);
  json.end_object();
}

void write_picture(report::JsonWriter& json, const Alert& alert) {
  json.key("picture");
  if (!alert.has_picture && alert.why_no_picture.empty()) return json.null();
  json.begin_object();
  if (alert.has_picture)
    json.member("pause_ns", alert.pause_ns);
  else
    json.member("failed", alert.why_no_picture);
  json.end_object();
}

}  // namespace

std::string utc_time(std::int64_t unix_ns) {
  return format_time(unix_ns, "%Y-%m-%dT%H:%M:%SZ", false);
}

std::string local_time(std::int64_t unix_ns) {
  return format_time(unix_ns, "%Y-%m-%d %H:%M:%S", true);
}

std::string describe_subject(Quantity quantity, const findings::CodePlace& site) {
  switch (quantity) {
    case Quantity::kGoroutines:
      return fmt::format("goroutines started in {} ({})", site.function,
                         report::place_text(site.file, site.line, 0));
    case Quantity::kAllGoroutines:
      return "goroutines of many sites together";
    case Quantity::kHeap:
      return "Go's heap";
    case Quantity::kResident:
      return "memory outside of Go's heap";
  }
  return "";
}

std::string describe_growth(const Alert& alert) {
  std::string text = fmt::format(
      "{} {} by {} since {}, {} now", describe_subject(alert.quantity, alert.site),
      is_memory(alert.quantity) ? "grows" : "grow", rate_text(alert),
      format_time(alert.since_unix_ns, "%H:%M:%S", true), amount_text(alert, alert.level));
  if (alert.seconds_until_limit)
    text += fmt::format(", at its limit in {}",
                        report::human_duration(static_cast<std::int64_t>(
                            std::min(*alert.seconds_until_limit, 1e9) * kSecondNs)));
  return text;
}

std::string describe_certainty(const Alert& alert) {
  if (alert.confidence == Confidence::kProven)
    return fmt::format("{} proven leaked", report::plural(alert.leaked, "goroutine"));
  if (alert.likely > 0 && alert.confidence == Confidence::kLikely)
    return fmt::format("{} likely leaked", report::plural(alert.likely, "goroutine"));
  std::string why = alert.more_than_a_day_does
                        ? "it is more than the load of a day explains"
                        : "it may still be the load of the day, which is told tomorrow";
  if (alert.has_picture)
    why += alert.findings.empty() ? "; a picture proved no leak" : "; see what the picture shows";
  else if (!alert.why_no_picture.empty())
    why += "; no picture: " + alert.why_no_picture;
  return why;
}

void write_alert_json(report::Output& out, const Alert& alert) {
  report::JsonWriter json(out);
  json.begin_object();
  json.member("schema", std::uint32_t{1});
  json.member("time", utc_time(alert.unix_ns));
  json.member("fingerprint", alert.fingerprint);
  json.member("confidence", findings::to_text(alert.confidence));
  json.member("text", alert.process.name + " " + std::to_string(alert.process.pid) + ": " +
                          describe_growth(alert) + ": " + describe_certainty(alert));
  json.key("process");
  json.begin_object();
  json.member("pid", alert.process.pid);
  json.member("name", alert.process.name);
  json.member("exe", alert.process.executable);
  json.member("go", alert.process.go_version);
  json.end_object();
  write_growth(json, alert);
  write_picture(json, alert);
  json.key("findings");
  json.begin_array();
  for (const findings::Finding& finding : alert.findings)
    report::write_finding(json, finding, false);
  json.end_array();
  json.end_object();
  json.finish();
}

}  // namespace goshawk::frontends::watch
