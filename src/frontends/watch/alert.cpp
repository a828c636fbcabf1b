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

void write_process(report::JsonWriter& json, const ProcessName& process) {
  json.key("process");
  json.begin_object();
  if (process.pid == 0) {
    json.member("name", process.name);
    json.member("url", process.url);
  } else {
    json.member("pid", process.pid);
    json.member("name", process.name);
    json.member("exe", process.executable);
    json.member("go", process.go_version);
  }
  json.end_object();
}

void write_growth(report::JsonWriter& json, const Alert& alert) {
  json.key("growing");
  json.begin_object();
  json.member("what", name_of(alert.quantity));
  if (alert.quantity == Quantity::kHeapOfSize) {
    json.member("object_bytes", alert.site.line);
  } else if (is_part(alert.quantity)) {
    json.key(alert.quantity == Quantity::kGoroutines ? "created_at" : "place");
    write_place(json, alert.site);
  }
  json.member("level", alert.level);
  json.member("per_hour", alert.per_second * kHour);
  json.member("since", utc_time(alert.since_unix_ns));
  json.member("more_than_a_day_does", alert.more_than_a_day_does);
  json.member("seconds_until_limit", alert.seconds_until_limit);
  if (!alert.mainly.empty()) json.member("mainly", alert.mainly);
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

std::string describe_growth(const Alert& alert) {
  std::string text = fmt::format(
      "{} {} by {} since {}, {} now", describe_subject(alert.quantity, alert.site),
      is_memory(alert.quantity) ? "grows" : "grow", rate_text(alert),
      format_time(alert.since_unix_ns, "%H:%M:%S", true), amount_text(alert, alert.level));
  if (!alert.mainly.empty()) text += ", most of it " + alert.mainly;
  if (alert.seconds_until_limit)
    text += fmt::format(", at its limit in {}",
                        report::human_duration(static_cast<std::int64_t>(
                            std::min(*alert.seconds_until_limit, 1e9) * kSecondNs)));
  return text;
}

std::string describe_certainty(const Alert& alert) {
  if (alert.quantity == Quantity::kTimers && alert.leaked > 0)
    return fmt::format("{} that nobody can stop or receive from any more",
                       report::plural(alert.leaked, "timer"));
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
    why += (alert.process.pid == 0 ? "; " : "; no picture: ") + alert.why_no_picture;
  return why;
}

void write_alert_json(report::Output& out, const Alert& alert) {
  report::JsonWriter json(out);
  json.begin_object();
  json.member("schema", std::uint32_t{1});
  json.member("time", utc_time(alert.unix_ns));
  json.member("fingerprint", alert.fingerprint);
  json.member("confidence", findings::to_text(alert.confidence));
  json.member("text", title_of(alert.process) + ": " + describe_growth(alert) + ": " +
                          describe_certainty(alert));
  write_process(json, alert.process);
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
