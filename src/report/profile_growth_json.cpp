// Every site that changed, with its amount in each profile.
#include "report/json_parts.h"
#include "report/profile_growth.h"

namespace goshawk::report {

using findings::GrownSite;
using findings::ProfileSiteKey;

namespace {

void write_amounts(JsonWriter& json, const std::vector<std::int64_t>& amounts) {
  json.key("amounts");
  json.begin_array();
  for (std::int64_t amount : amounts) json.value(amount);
  json.end_array();
}

void write_key(JsonWriter& json, const ProfileSiteKey& key) {
  json.member("function", key.function);
  json.member("file", key.file);
  json.member("line", key.function.empty() ? std::int64_t{0} : key.line);
  Address address(key.function.empty() ? static_cast<std::uint64_t>(key.line) : 0);
  json.member("pc", address_text(address));
}

void write_site(JsonWriter& json, const GrownSite& site) {
  json.begin_object();
  write_key(json, site.key);
  json.member("began_in", site.key.began_in);
  write_amounts(json, site.amounts);
  json.member("change", site.change);
  json.member("grew_in_intervals", site.grew_in);
  json.member("per_second", site.per_second);
  json.member("confidence",
              site.confidence ? std::optional(findings::to_text(*site.confidence)) : std::nullopt);
  json.key("callers");
  json.begin_array();
  for (const ProfileSiteKey& caller : site.callers) {
    json.begin_object();
    write_key(json, caller);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace

void render_profile_growth_json(Output& out, const ProfileGrowthReport& report) {
  JsonWriter json(out);
  json.begin_object();
  json.member("schema", kJsonSchema);
  json.key("profiles");
  json.begin_array();
  for (const findings::ProfileInventory& profile : report.profiles) {
    json.begin_object();
    json.member("file", profile.name);
    json.member("exe", profile.program);
    json.member("build_id", profile.build_id);
    json.member("time_unix_ns",
                profile.time_ns == 0 ? std::nullopt : std::optional(profile.time_ns));
    json.end_object();
  }
  json.end_array();
  json.member("amount_is", report.type);
  json.member("unit", report.unit);
  json.member("by_functions", report.by_functions);
  write_amounts(json, report.growth.amounts);
  json.member("seconds", report.growth.seconds);
  json.member("per_second", report.growth.per_second);
  json.member("limit_bytes", report.limit_bytes);
  json.member("seconds_to_limit", seconds_to_limit(report));
  json.key("sites");
  json.begin_array();
  for (const GrownSite& site : report.growth.sites) write_site(json, site);
  json.end_array();
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
