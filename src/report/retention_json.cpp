// Whole, whatever part of it the screen shows.
#include "report/retention_json.h"

#include <string_view>
#include <vector>

#include "report/json_parts.h"

namespace goshawk::report {

using findings::Neighbours;
using findings::Retention;

namespace {

void write_text(JsonWriter& json, std::string_view name, const std::string& text) {
  if (text.empty())
    json.null_member(name);
  else
    json.member(name, text);
}

void write_address(JsonWriter& json, std::uint64_t address) {
  if (address == 0)
    json.null_member("address");
  else
    json.member("address", address_text(Address(address)));
}

void write_neighbours(JsonWriter& json, std::string_view name,
                      const std::vector<Neighbours>& neighbours) {
  json.key(name);
  json.begin_array();
  for (const Neighbours& one : neighbours) {
    json.begin_object();
    write_text(json, "type", one.type);
    json.member("objects", one.objects);
    write_address(json, one.address);
    json.end_object();
  }
  json.end_array();
}

void write_retained_types(JsonWriter& json, const findings::TypeTable& table) {
  json.key("retained_types");
  json.begin_array();
  for (const findings::TypeCost& type : table.types) {
    json.begin_object();
    json.member("type", type.type);
    json.member("objects", type.objects);
    json.member("bytes", type.bytes);
    json.end_object();
  }
  json.end_array();
  json.member("retained_unknown_bytes", table.unknown_bytes);
}

void write_paths(JsonWriter& json, const Retention& retention) {
  json.key("paths");
  json.begin_array();
  for (const findings::RetentionPath& path : retention.paths) {
    json.begin_object();
    json.member("path", path.path);
    json.member("objects", path.objects);
    json.member("bytes", path.bytes);
    json.end_object();
  }
  json.end_array();
  json.member("more_paths", retention.more_paths);
}

void write_retention(JsonWriter& json, const Retention& retention) {
  json.begin_object();
  json.member("asked", retention.asked);
  write_text(json, "type", retention.type);
  write_address(json, retention.address);
  json.member("live", retention.live);
  json.member("objects", retention.objects);
  json.member("shallow_bytes", retention.shallow_bytes);
  json.member("retained_bytes", retention.retained_bytes);
  json.member("retained_objects", retention.retained_objects);
  json.member("live_bytes", retention.live_bytes);
  write_retained_types(json, retention.retained_types);
  write_paths(json, retention);
  write_neighbours(json, "referrers", retention.referrers);
  write_neighbours(json, "referents", retention.referents);
  json.end_object();
}

}  // namespace

void render_retention_json(Output& out, const snapshot::Snapshot& snapshot,
                           const Retention& retention, std::span<const StageTime> timings) {
  JsonWriter json(out);
  json.begin_object();
  write_head(json, snapshot, timings);
  write_doubts(json, snapshot);
  json.key("retention");
  write_retention(json, retention);
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
