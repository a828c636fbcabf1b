// The JSON shape of goroutine lists, as the design fixes it. Stacks are shared by many goroutines,
// so the text of each is made once.
#include "report/goroutines_json.h"

#include <optional>
#include <string_view>
#include <unordered_map>

#include "report/json_parts.h"
#include "snapshot/io_waits.h"

namespace goshawk::report {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::StackId;

namespace {

// Nothing of what is only found with the heap: a list is the same whether that was read or not.
std::optional<std::string_view> operation_text(snapshot::WaitOperation operation) {
  using snapshot::WaitOperation;
  switch (operation) {
    case WaitOperation::kReceive:
    case WaitOperation::kSelectReceive:
      return "receive";
    case WaitOperation::kSend:
    case WaitOperation::kSelectSend:
      return "send";
    case WaitOperation::kSemaphore:
      return "semaphore";
    case WaitOperation::kCond:
      return "cond";
    case WaitOperation::kCoroutine:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string_view deadline_text(snapshot::Deadline deadline) {
  switch (deadline) {
    case snapshot::Deadline::kUnset:
      return "none";
    case snapshot::Deadline::kAhead:
      return "ahead";
    case snapshot::Deadline::kPassed:
      return "passed";
  }
  return "unknown";
}

class List {
 public:
  List(JsonWriter& json, const Snapshot& snapshot) : json_(json), snapshot_(snapshot) {}

  void write(const Goroutine& g) {
    json_.begin_object();
    json_.member("goid", g.goid);
    json_.member("status", status_text(g.status));
    json_.member("wait_reason", snapshot_.strings[g.wait_reason]);
    json_.member("wait_ns", known_wait(g.wait_ns));
    write_labels(g);
    write_waits(g);
    json_.key("created_by");
    write_frame(json_, snapshot_, g.created_by);
    json_.member("creator_goid", g.creator_goid);
    json_.member("stack_bytes", g.stack_bytes);
    json_.member("system", g.system);
    json_.member("locked_to_thread", g.locked_to_thread);
    json_.member("stack_complete", g.stack_complete);
    json_.key("stack");
    json_.raw(stack_json(g.stack));
    json_.end_object();
  }

 private:
  void write_labels(const Goroutine& g) {
    json_.key("labels");
    json_.begin_object();
    for (std::uint32_t i = 0; i < g.label_count; ++i) {
      const snapshot::Label& label = snapshot_.labels[g.first_label + i];
      json_.member(snapshot_.strings[label.key], snapshot_.strings[label.value]);
    }
    json_.end_object();
  }

  void write_waits(const Goroutine& g) {
    json_.key("waits_on");
    json_.begin_array();
    for (std::uint32_t i = 0; i < g.wait_count; ++i) {
      const snapshot::Wait& wait = snapshot_.waits[g.first_wait + i];
      auto operation = operation_text(wait.operation);
      if (!operation) continue;
      json_.begin_object();
      json_.member("kind", *operation);
      json_.member("address", address_text(wait.address));
      json_.null_member("remote");
      json_.end_object();
    }
    if (const snapshot::IoWait* wait = snapshot::find_io_wait(snapshot_, g.goid))
      write_io_wait(*wait);
    json_.end_array();
  }

  void write_io_wait(const snapshot::IoWait& wait) {
    json_.begin_object();
    json_.member("kind", wait.listens ? "accept" : wait.writes ? "write" : "read");
    json_.member("address", address_text(wait.poll_desc));
    write_known("remote", wait.remote);
    write_known("local", wait.local);
    write_known("protocol", wait.protocol);
    json_.member("descriptor", wait.descriptor);
    json_.member("deadline", deadline_text(wait.deadline));
    bool known = wait.deadline == snapshot::Deadline::kAhead && wait.deadline_in_ns > 0;
    json_.member("deadline_in_ns", known ? std::optional(wait.deadline_in_ns) : std::nullopt);
    json_.end_object();
  }

  void write_known(std::string_view name, snapshot::StringId text) {
    if (text == snapshot::kNone)
      json_.null_member(name);
    else
      json_.member(name, snapshot_.strings[text]);
  }

  const std::string& stack_json(StackId stack) {
    auto [found, is_new] = stacks_.try_emplace(stack);
    if (!is_new) return found->second;
    StringOutput text;
    JsonWriter json(text);
    json.begin_array();
    for (snapshot::FrameId frame : visible_frames(snapshot_, stack))
      write_frame(json, snapshot_, frame);
    json.end_array();
    found->second = text.text();
    return found->second;
  }

  JsonWriter& json_;
  const Snapshot& snapshot_;
  std::unordered_map<StackId, std::string> stacks_;
};

}  // namespace

void render_goroutines_json(Output& out, const Snapshot& snapshot, const Selection& selection,
                            std::span<const StageTime> timings) {
  JsonWriter json(out);
  json.begin_object();
  write_head(json, snapshot, timings);
  write_doubts(json, snapshot);
  json.key("goroutines");
  json.begin_array();
  List list(json, snapshot);
  for (std::uint32_t index : selection) {
    if (!out.usable()) return;
    list.write(snapshot.goroutines[index]);
  }
  json.end_array();
  json.end_object();
  json.finish();
}

}  // namespace goshawk::report
