// The text of a full goroutine dump. What all releases have in common is written; where they differ
// the snapshot decides by what it holds: "in goroutine N" only when the creator is recorded,
// "(leaked)" and "(durable)" only where the runtime has such states. Arguments cannot be known
// exactly from outside, so every call is printed "(...)", as the runtime does for inlined ones.
// No frame is elided, however deep the stack. Labels are left out unless asked for: by default
// most releases do not print them, and readers of dumps trip over them.
// Follows runtime/traceback.go (goroutineheader, traceback2, printcreatedby1,
// printAncestorTraceback).
#include "report/goroutine_dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "findings/function_name.h"
#include "report/foreign_text.h"

namespace goshawk::report {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::StackId;
using snapshot::Status;

namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::uint64_t kMainGoroutine = 1;

// traceback.go printFuncName
std::string printed_function(std::string_view name) {
  if (name == "runtime.gopanic") return "panic";
  return escape_controls(findings::shorten_type_arguments(name));
}

// traceback.go tracebackStringNeedsQuoting
std::string printed_label(std::string_view text) {
  auto needs_no_quotes = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '/' || c == '_';
  };
  if (std::ranges::all_of(text, needs_no_quotes)) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return escape_controls(quoted + "\"");
}

class Dump {
 public:
  Dump(Output& out, const Snapshot& snapshot, bool labels)
      : out_(out), snapshot_(snapshot), labels_(labels) {}

  void write(const Goroutine& goroutine) {
    write_header(goroutine);
    out_.write(stack_text(goroutine.stack));
    if (goroutine.goid != kMainGoroutine)
      write_creator(goroutine.created_by, goroutine.creator_goid);
    for (std::uint32_t i = 0; i < goroutine.ancestor_count; ++i)
      write_ancestor(snapshot_.ancestors[goroutine.first_ancestor + i]);
  }

 private:
  void write_header(const Goroutine& g) {
    std::string text =
        fmt::format("goroutine {} [{}", g.goid, escape_controls(state_text(snapshot_, g)));
    if (g.status == Status::kLeaked) text += " (leaked)";
    if (g.scanning) text += " (scan)";
    bool blocked = g.status == Status::kWaiting || g.status == Status::kSyscall;
    if (blocked && g.wait_ns >= kMinuteNs)
      text += fmt::format(", {} minutes", g.wait_ns / kMinuteNs);
    if (g.locked_to_thread) text += ", locked to thread";
    text += "]";
    if (labels_ && g.label_count > 0) text += labels_text(g);
    out_.write(text + ":\n");
  }

  std::string labels_text(const Goroutine& g) const {
    std::string text = " {";
    for (std::uint32_t i = 0; i < g.label_count; ++i) {
      const snapshot::Label& label = snapshot_.labels[g.first_label + i];
      text +=
          fmt::format("{}{}: {}", i == 0 ? "" : ", ", printed_label(snapshot_.strings[label.key]),
                      printed_label(snapshot_.strings[label.value]));
    }
    return text + "}";
  }

  const std::string& stack_text(StackId stack) {
    auto [found, is_new] = stacks_.try_emplace(stack);
    if (is_new)
      for (FrameId frame : visible_frames(snapshot_, stack)) append_frame(found->second, frame);
    return found->second;
  }

  void append_frame(std::string& text, FrameId id) const {
    const snapshot::Frame& frame = snapshot_.stacks.frame(id);
    fmt::format_to(std::back_inserter(text), "{}(...)\n{}",
                   printed_function(snapshot_.strings[frame.function]), place_line(frame));
  }

  std::string place_line(const snapshot::Frame& frame) const {
    std::string text =
        fmt::format("\t{}:{}", escape_controls(snapshot_.strings[frame.file]), frame.line);
    if (!frame.inlined && frame.entry_offset > 0)
      text += fmt::format(" +{:#x}", frame.entry_offset);
    return text + "\n";
  }

  // The runtime leaves its own go statements out.
  void write_creator(FrameId id, std::uint64_t creator_goid) {
    if (id == snapshot::kNone || snapshot_.stacks.frame(id).hidden) return;
    const snapshot::Frame& frame = snapshot_.stacks.frame(id);
    std::string text = "created by " + printed_function(snapshot_.strings[frame.function]);
    if (creator_goid != 0) text += fmt::format(" in goroutine {}", creator_goid);
    out_.write(text + "\n" + place_line(frame));
  }

  void write_ancestor(const snapshot::Ancestor& ancestor) {
    out_.write(fmt::format("[originating from goroutine {}]:\n", ancestor.goid));
    for (FrameId frame : snapshot_.stacks[ancestor.stack]) {
      if (snapshot_.stacks.frame(frame).hidden) continue;
      std::string text;
      append_frame(text, frame);
      out_.write(text);
    }
    if (ancestor.goid != kMainGoroutine) write_creator(ancestor.created_by, 0);
  }

  Output& out_;
  const Snapshot& snapshot_;
  bool labels_;
  std::unordered_map<StackId, std::string> stacks_;
};

}  // namespace

void render_goroutine_dump(Output& out, const Snapshot& snapshot, const Selection& selection,
                           bool labels) {
  Dump dump(out, snapshot, labels);
  bool first = true;
  for (std::uint32_t index : selection) {
    if (!out.usable()) return;
    if (!first) out.write("\n");
    first = false;
    dump.write(snapshot.goroutines[index]);
  }
}

}  // namespace goshawk::report
