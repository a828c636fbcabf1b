// Shared pieces of the JSON reports. A pc is written as text: JSON numbers are doubles elsewhere.
#include "report/json_parts.h"

#include <fmt/format.h>

namespace goshawk::report {
namespace {

void write_frame_fields(JsonWriter& json, std::string_view function, std::string_view file,
                        std::uint32_t line, Address pc) {
  json.begin_object();
  json.member("function", function);
  json.member("file", file);
  json.member("line", line);
  json.member("pc", address_text(pc));
  json.end_object();
}

}  // namespace

std::string address_text(Address address) { return fmt::format("{:#x}", address.value()); }

std::optional<std::int64_t> known_wait(std::int64_t wait_ns) {
  return wait_ns == 0 ? std::nullopt : std::optional(wait_ns);
}

void write_target(JsonWriter& json, const snapshot::TargetFacts& target) {
  json.begin_object();
  json.member("kind", target.kind);
  json.member("pid", target.pid);
  json.member("exe", target.executable);
  json.member("go", target.go_version);
  json.member("arch", target.arch);
  json.member("build_id", target.build_id);
  json.member("debug_file", target.debug_file);
  json.end_object();
}

void write_picture(JsonWriter& json, const snapshot::PictureFacts& picture) {
  json.begin_object();
  json.member("way", picture.way);
  json.member("way_reason", picture.way_reason);
  json.member("pause_ns", picture.pause_ns);
  json.member("longest_pause_ns", picture.longest_pause_ns);
  json.member("bytes_read", picture.bytes_read);
  json.member("stops", picture.stops);
  json.member("quiet", picture.quiet);
  json.end_object();
}

void write_timings(JsonWriter& json, std::span<const StageTime> timings) {
  if (timings.empty()) return;
  json.key("timings");
  json.begin_array();
  for (const StageTime& stage : timings) {
    json.begin_object();
    json.member("stage", stage.name);
    json.member("times", stage.times);
    json.member("wall_ns", stage.wall_ns);
    json.member("cpu_ns", stage.cpu_ns);
    json.member("bytes_read", stage.bytes_read);
    json.end_object();
  }
  json.end_array();
}

void write_head(JsonWriter& json, const snapshot::TargetFacts& target,
                const snapshot::PictureFacts& picture, std::span<const StageTime> timings) {
  json.member("schema", kJsonSchema);
  json.key("target");
  write_target(json, target);
  json.key("picture");
  write_picture(json, picture);
  write_timings(json, timings);
}

void write_head(JsonWriter& json, const snapshot::Snapshot& snapshot,
                std::span<const StageTime> timings) {
  write_head(json, snapshot.target, snapshot.picture, timings);
}

void write_doubts(JsonWriter& json, const snapshot::Snapshot& snapshot) {
  json.key("doubts");
  json.begin_array();
  for (const snapshot::Doubt& doubt : snapshot.doubts) json.value(doubt.what);
  json.end_array();
}

void write_place(JsonWriter& json, const findings::CodePlace& place) {
  if (place.function.empty()) return json.null();
  write_frame_fields(json, place.function, place.file, place.line, Address(place.pc));
}

void write_frame(JsonWriter& json, const snapshot::Snapshot& snapshot, snapshot::FrameId frame) {
  if (frame == snapshot::kNone) return json.null();
  const snapshot::Frame& found = snapshot.stacks.frame(frame);
  write_frame_fields(json, snapshot.strings[found.function], snapshot.strings[found.file],
                     found.line, found.pc);
}

}  // namespace goshawk::report
