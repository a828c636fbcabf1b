#include "report/story_json.h"

#include <algorithm>

#include "report/goroutine_selection.h"
#include "report/json_parts.h"
#include "report/leaks_json.h"

namespace goshawk::report {

using findings::Story;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

void write_labels(JsonWriter& json, const Snapshot& snapshot, const Goroutine& goroutine) {
  json.begin_object();
  for (std::uint32_t i = 0; i < goroutine.label_count; ++i) {
    const snapshot::Label& label = snapshot.labels[goroutine.first_label + i];
    json.member(snapshot.strings[label.key], snapshot.strings[label.value]);
  }
  json.end_object();
}

void write_waits(JsonWriter& json, const std::vector<Story::Wait>& waits) {
  json.begin_array();
  for (const Story::Wait& wait : waits) {
    json.begin_object();
    json.member("what", wait.what);
    json.member("address", address_text(Address(wait.address)));
    json.key("others");
    json.begin_array();
    for (std::uint64_t goid : wait.others) json.value(goid);
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

void write_story(JsonWriter& json, const Snapshot& snapshot, const Story& story) {
  const Goroutine& goroutine =
      *std::ranges::find(snapshot.goroutines, story.goid, &Goroutine::goid);
  json.begin_object();
  json.member("goid", story.goid);
  json.member("fate", findings::to_text(story.fate));
  json.member("state", state_text(snapshot, goroutine));
  json.member("wait_ns", known_wait(goroutine.wait_ns));
  json.key("labels");
  write_labels(json, snapshot, goroutine);
  json.key("created_by");
  write_frame(json, snapshot, goroutine.created_by);
  json.member("creator_goid", goroutine.creator_goid);
  json.key("stack");
  json.begin_array();
  for (snapshot::FrameId frame : visible_frames(snapshot, goroutine.stack))
    write_frame(json, snapshot, frame);
  json.end_array();
  json.member("stack_bytes", goroutine.stack_bytes);
  json.member("stack_complete", goroutine.stack_complete);
  json.key("waits_on");
  write_waits(json, story.waits);
  json.key("reasons");
  json.begin_array();
  for (const std::string& reason : story.reasons) json.value(reason);
  json.end_array();
  json.key("finding");
  if (story.group)
    write_finding(json, *story.group, true);
  else
    json.null();
  json.end_object();
}

}  // namespace

void render_story_json(Output& out, const Snapshot& snapshot, const Story& story,
                       std::span<const StageTime> timings) {
  JsonWriter json(out);
  json.begin_object();
  write_head(json, snapshot, timings);
  json.key("goroutine");
  write_story(json, snapshot, story);
  write_doubts(json, snapshot);
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
