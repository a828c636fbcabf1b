#include "report/heap_lines_json.h"

#include "report/json_parts.h"

namespace goshawk::report {

namespace {

void write_text(JsonWriter& json, std::string_view name, const std::string& text) {
  json.key(name);
  text.empty() ? json.null() : json.value(text);
}

void write_pool(JsonWriter& json, const findings::PoolLine& pool) {
  json.begin_object();
  write_text(json, "place", pool.place);
  write_text(json, "new", pool.made_by);
  write_text(json, "type", pool.type);
  json.member("pools", pool.pools);
  json.key("address");
  pool.address == 0 ? json.null() : json.value(address_text(Address(pool.address)));
  json.member("values", pool.values);
  json.member("victim_values", pool.victim_values);
  json.member("bytes", pool.bytes);
  json.member("victim_bytes", pool.victim_bytes);
  json.end_object();
}

void write_line(JsonWriter& json, const findings::AllocatedIn& line) {
  json.begin_object();
  json.key("at");
  write_place(json, line.place);
  json.key("on_behalf_of");
  write_place(json, line.on_behalf_of);
  json.member("bytes", line.bytes);
  json.member("samples", line.samples);
  json.end_object();
}

void write_unique(JsonWriter& json, const findings::UniqueLine& unique) {
  json.begin_object();
  json.member("type", unique.type);
  json.member("handles", unique.handles);
  json.member("unheld", unique.unheld);
  json.member("map_bytes", unique.map_bytes);
  json.member("value_bytes", unique.value_bytes);
  json.end_object();
}

void write_weak(JsonWriter& json, const findings::WeakLine& weak) {
  json.begin_object();
  write_text(json, "type", weak.type);
  json.member("objects", weak.objects);
  json.member("bytes", weak.bytes);
  json.member("unheld", weak.unheld);
  json.end_object();
}

void write_timers(JsonWriter& json, const findings::TimerLine& line) {
  json.begin_object();
  write_text(json, "function", line.function);
  json.member("ticks", line.ticks);
  json.member("timers", line.timers);
  json.member("bytes", line.bytes);
  json.member("longest_ns",
              line.longest_ns == 0 ? std::nullopt : std::optional<std::int64_t>(line.longest_ns));
  write_allocated_in(json, "created_in", line.created_in);
  json.end_object();
}

template <typename Line>
void write_all(JsonWriter& json, std::string_view name, const std::vector<Line>& lines,
               void (*write)(JsonWriter&, const Line&)) {
  json.key(name);
  json.begin_array();
  for (const Line& line : lines) write(json, line);
  json.end_array();
}

}  // namespace

void write_allocated_in(JsonWriter& json, std::string_view name,
                        const std::vector<findings::AllocatedIn>& lines) {
  write_all(json, name, lines, write_line);
}

void write_heap_lines(JsonWriter& json, const findings::HeapLines* lines) {
  if (lines == nullptr) {
    for (std::string_view name : {"pools", "unique_handles", "weak_pointers", "pending_timers"})
      json.null_member(name);
    return;
  }
  write_all(json, "pools", lines->pools, write_pool);
  write_all(json, "unique_handles", lines->unique, write_unique);
  write_all(json, "weak_pointers", lines->weak, write_weak);
  write_all(json, "pending_timers", lines->timers, write_timers);
}

}  // namespace goshawk::report
