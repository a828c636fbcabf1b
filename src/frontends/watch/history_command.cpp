// Alerts first, then what was followed: those series that changed most, with their course. The file
// is only read; a watcher may write to it meanwhile.
#include "frontends/watch/history_command.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <vector>

#include "frontends/watch/alert.h"
#include "frontends/watch/screen.h"
#include "history/history.h"
#include "report/foreign_text.h"
#include "report/json_writer.h"
#include "report/measures.h"

namespace goshawk::frontends::watch {
namespace {

constexpr std::size_t kSeriesShown = 20;
constexpr std::size_t kSparkColumns = 24;
constexpr std::int64_t kSecondNs = 1'000'000'000;

struct View {
  history::History history;
  std::int64_t since_unix = 0;
  std::vector<history::AlertRecord> alerts;    // newest first
  std::vector<history::SeriesSummary> series;  // those first that changed most
};

bool is_bytes(const history::SeriesSummary& series) {
  auto quantity = find_quantity(series.series.quantity);
  return quantity && is_memory(*quantity);
}

// Kept to tell one process behind an endpoint from the next: it says nothing to anybody.
bool is_told(const history::SeriesSummary& series) {
  auto quantity = find_quantity(series.series.quantity);
  return quantity && *quantity != Quantity::kAllocated;
}

// Bytes beside goroutines: by how many times, so that neither hides the other.
double change_of(const history::SeriesSummary& series) {
  return std::abs(series.last - series.first) / (series.first + (is_bytes(series) ? 1e6 : 10));
}

Result<View> read_view(const HistoryRequest& request) {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  std::int64_t since =
      std::chrono::duration_cast<std::chrono::seconds>(now).count() - request.since_ns / kSecondNs;
  std::string path = request.path.empty() ? history::usual_path() : request.path;
  View view{TRY(history::History::open_for_reading(path)), since, {}, {}};
  view.alerts = TRY(view.history.list_alerts(since));
  if (!request.only_alerts) view.series = TRY(view.history.list_series(since));
  auto is_other = [&](const auto& one) {
    return !request.name.empty() && ::fnmatch(request.name.c_str(), one.program.c_str(), 0) != 0;
  };
  std::erase_if(view.alerts, is_other);
  std::erase_if(view.series, is_other);
  std::erase_if(view.series, std::not_fn(is_told));
  std::ranges::stable_sort(
      view.series, [](const auto& a, const auto& b) { return change_of(a) > change_of(b); });
  return view;
}

std::string amount_text(const history::SeriesSummary& series, double amount) {
  auto whole = static_cast<std::uint64_t>(std::llround(std::max(0.0, amount)));
  return is_bytes(series) ? report::human_bytes(whole) : report::human_count(whole);
}

std::string what_text(const history::SeriesSummary& series) {
  const history::SeriesKey& key = series.series;
  return report::escape_controls(
      describe_in_short(find_quantity(key.quantity).value_or(Quantity::kAllGoroutines),
                        {.function = key.function, .file = key.file, .line = key.line}));
}

std::string title_of(const std::string& program, std::int64_t pid) {
  return report::escape_controls(
      watch::title_of({.pid = pid, .name = program, .executable = {}, .go_version = {}}));
}

void show_alerts(report::Output& out, const View& view, const report::TextStyle& style) {
  out.write(style.palette.bold(fmt::format(
                "{} since {}",
                view.alerts.empty() ? "No alert" : report::plural(view.alerts.size(), "alert"),
                local_time(view.since_unix * kSecondNs))) +
            "\n");
  for (const history::AlertRecord& alert : view.alerts)
    out.write(report::wrap_text(fmt::format("{}  {}: {}; fingerprint {}", local_time(alert.unix_ns),
                                            title_of(alert.program, alert.pid),
                                            report::escape_controls(alert.text), alert.fingerprint),
                                4, style.columns) +
              "\n");
}

Result<void> show_series(report::Output& out, const View& view, const HistoryRequest& request,
                         const report::TextStyle& style) {
  std::size_t shown = request.all ? view.series.size() : std::min(kSeriesShown, view.series.size());
  out.write("\n" +
            style.palette.bold(fmt::format(
                "{} followed{}",
                view.series.empty() ? "Nothing was" : report::plural(view.series.size(), "number"),
                shown < view.series.size() ? ", those first that changed most" : "")) +
            "\n");
  for (std::size_t i = 0; i < shown; ++i) {
    const history::SeriesSummary& series = view.series[i];
    std::vector<float> course;
    for (const history::Point& point : TRY(view.history.read_points(series.id, view.since_unix)))
      course.push_back(static_cast<float>(point.value));
    std::string spark = draw_sparkline(course, kSparkColumns);
    out.write(fmt::format("{}{:{}}  {:>10} to {:>10}  {}: {}\n", spark, "",
                          kSparkColumns - report::display_width(spark),
                          amount_text(series, series.first), amount_text(series, series.last),
                          title_of(series.program, series.pid), what_text(series)));
  }
  if (shown < view.series.size())
    out.write(fmt::format("... and {} more: --all\n", view.series.size() - shown));
  return {};
}

Result<void> write_series(report::JsonWriter& json, const View& view,
                          const history::SeriesSummary& series) {
  json.begin_object();
  json.member("program", series.program);
  if (series.pid != 0) json.member("pid", series.pid);
  json.member("what", series.series.quantity);
  auto quantity = find_quantity(series.series.quantity);
  if (quantity == Quantity::kHeapOfSize) {
    json.member("object_bytes", series.series.line);
  } else if (!series.series.function.empty()) {
    json.key(quantity == Quantity::kGoroutines ? "created_at" : "place");
    json.begin_object();
    json.member("function", series.series.function);
    json.member("file", series.series.file);
    json.member("line", series.series.line);
    json.end_object();
  }
  json.key("points");
  json.begin_array();
  for (const history::Point& point : TRY(view.history.read_points(series.id, view.since_unix))) {
    json.begin_array();
    json.value(point.unix_seconds);
    json.value(point.value);
    json.end_array();
  }
  json.end_array();
  json.end_object();
  return {};
}

}  // namespace

Result<void> show_history_text(report::Output& out, const HistoryRequest& request,
                               const report::TextStyle& style) {
  View view = TRY(read_view(request));
  show_alerts(out, view, style);
  return request.only_alerts ? Result<void>{} : show_series(out, view, request, style);
}

Result<void> show_history_json(report::Output& out, const HistoryRequest& request) {
  View view = TRY(read_view(request));
  report::JsonWriter json(out);
  json.begin_object();
  json.member("schema", std::uint32_t{1});
  json.key("alerts");
  json.begin_array();
  for (const history::AlertRecord& alert : view.alerts) {
    std::string_view object = alert.json;
    json.raw(object.substr(0, object.find_last_not_of('\n') + 1));
  }
  json.end_array();
  json.key("series");
  json.begin_array();
  for (const history::SeriesSummary& series : view.series)
    TRY_VOID(write_series(json, view, series));
  json.end_array();
  json.end_object();
  json.finish();
  return {};
}

}  // namespace goshawk::frontends::watch
