#include "report/stack_series_json.h"

#include <optional>

#include "report/json_parts.h"

namespace goshawk::report {

using findings::SiteSeries;
using findings::StackSeries;

namespace {

std::optional<double> rate_of(const StackSeries& series, const SiteSeries& site) {
  if (series.seconds() <= 0) return std::nullopt;
  return static_cast<double>(site.change()) / series.seconds();
}

void write_part(JsonWriter& json, const StackSeries& series, const findings::SeriesPart& part) {
  json.begin_object();
  json.member("name", part.name);
  json.member("goroutines", part.goroutines);
  json.member("not_read", part.not_read);
  json.member("seconds", series.clock.empty() ? std::nullopt : std::optional<double>(part.seconds));
  json.end_object();
}

void write_site(JsonWriter& json, const StackSeries& series, const SiteSeries& site, bool all) {
  json.begin_object();
  json.member("change", site.change());
  json.key("counts");
  json.begin_array();
  for (std::uint64_t count : site.counts) json.value(count);
  json.end_array();
  json.member("rate", rate_of(series, site));
  json.member("gone", site.gone);
  json.key("confidence");
  if (site.confidence == findings::Confidence::kUnknown)
    json.null();
  else
    json.value(findings::to_text(site.confidence));
  json.member("state", site.state);
  json.key("blocked_at");
  write_place(json, site.blocked_at);
  json.key("created_at");
  write_place(json, site.created_by);
  json.key("stack");
  json.begin_array();
  if (all)
    for (const findings::CodePlace& place : site.stack) write_place(json, place);
  json.end_array();
  json.end_object();
}

}  // namespace

void render_stack_series_json(Output& out, const StackSeries& series, bool all) {
  JsonWriter json(out);
  json.begin_object();
  json.member("schema", kJsonSchema);
  json.key("parts");
  json.begin_array();
  for (const findings::SeriesPart& part : series.parts) write_part(json, series, part);
  json.end_array();
  json.member("of_one_process", series.of_one_process);
  json.key("doubts");
  json.begin_array();
  for (const std::string& doubt : series.doubts) json.value(doubt);
  json.end_array();
  json.key("sites");
  json.begin_array();
  for (const SiteSeries& site : series.sites)
    if (all || site.change() != 0) write_site(json, series, site, all);
  json.end_array();
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
