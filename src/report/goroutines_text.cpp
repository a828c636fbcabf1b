// A program has few different stacks and many goroutines: each stack is shown once with how many
// stand there, in which state and for how long. Ages are lower bounds and often unknown (only the
// collector notes when a wait was seen), so the line says how many are known to wait how long.
#include "report/goroutines_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "findings/known_background.h"
#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/picture_lines.h"
#include "snapshot/io_waits.h"

namespace goshawk::report {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

constexpr std::size_t kCountColumns = 6;
constexpr std::size_t kShownIds = 12;

CodeLine code_line(const Snapshot& snapshot, FrameId id, std::string prefix) {
  const snapshot::Frame& frame = snapshot.stacks.frame(id);
  return {std::move(prefix), std::string(snapshot.strings[frame.function]),
          std::string(snapshot.strings[frame.file]), frame.line};
}

// "chan receive", or "chan receive (9), runnable (1)"
std::string states_text(const Snapshot& snapshot, const GoroutineGroup& group) {
  // Of a hundred thousand nearly all are in the state of the one before.
  std::map<std::string_view, std::size_t> states;
  const Goroutine* before = nullptr;
  std::size_t* count = nullptr;
  for (std::uint32_t index : group.members) {
    const Goroutine& g = snapshot.goroutines[index];
    if (before == nullptr || g.status != before->status || g.wait_reason != before->wait_reason)
      count = &states[state_text(snapshot, g)];
    ++*count;
    before = &g;
  }
  std::string text;
  for (const auto& [state, of_state] : states) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", escape_controls(state));
    if (states.size() > 1) text += fmt::format(" ({})", human_count(of_state));
  }
  return text;
}

// ", 3 of them for about 2 minutes or more (longest 14 minutes)"; nothing when no age is known.
std::string ages_text(const Snapshot& snapshot, const GoroutineGroup& group) {
  std::vector<std::int64_t> ages;
  for (std::uint32_t index : group.members)
    if (std::int64_t age = snapshot.goroutines[index].wait_ns; age > 0) ages.push_back(age);
  if (ages.empty()) return "";
  auto [least, most] = std::ranges::minmax(ages);
  std::string text = ", ";
  if (ages.size() < group.members.size())
    text += fmt::format("{} of them ", human_count(ages.size()));
  text += fmt::format("for about {}", human_duration(least));
  if (human_duration(least) != human_duration(most))
    text += fmt::format(" or more (longest {})", human_duration(most));
  return text;
}

std::string labels_text(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::string text;
  for (std::uint32_t i = 0; i < goroutine.label_count; ++i) {
    const snapshot::Label& label = snapshot.labels[goroutine.first_label + i];
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ",
                        escape_controls(snapshot.strings[label.key]),
                        escape_controls(snapshot.strings[label.value]));
  }
  return text;
}

std::string ids_text(const Snapshot& snapshot, const GoroutineGroup& group) {
  std::string text = group.members.size() == 1 ? "goroutine" : "goroutines";
  std::size_t shown = std::min(group.members.size(), kShownIds);
  for (std::size_t i = 0; i < shown; ++i)
    text += fmt::format(" {}", snapshot.goroutines[group.members[i]].goid);
  if (shown < group.members.size()) text += " ...";
  return text;
}

// "for tcp 10.0.0.5:5432 (37) and a pipe; none has a deadline"
std::string io_waits_text(const Snapshot& snapshot, const GoroutineGroup& group) {
  std::vector<std::uint64_t> goids;
  for (std::uint32_t index : group.members)
    if (const Goroutine& g = snapshot.goroutines[index]; g.wait_kind == snapshot::WaitKind::kIo)
      goids.push_back(g.goid);
  snapshot::IoSummary summary = summarize_io_waits(snapshot, goids);
  std::string ends = escape_controls(describe_ends(summary));
  std::string deadlines = describe_deadlines(summary);
  if (ends.empty()) return deadlines;
  return fmt::format("waits for {}{}{}", ends, deadlines.empty() ? "" : "; ", deadlines);
}

// Of goroutines that libraries keep: why they are there.
std::string_view background_text(const Snapshot& snapshot, const Goroutine& goroutine) {
  std::vector<std::string_view> functions;
  for (FrameId id : snapshot.stacks[goroutine.stack])
    if (const snapshot::Frame& frame = snapshot.stacks.frame(id); !frame.elided)
      functions.push_back(snapshot.strings[frame.function]);
  const auto* known = findings::find_known_background(functions);
  return known == nullptr ? std::string_view() : known->reason;
}

void render_group(Output& out, const Snapshot& snapshot, const GoroutineGroup& group,
                  const TextStyle& style) {
  const Goroutine& first = snapshot.goroutines[group.first];
  std::string count = human_count(group.members.size());
  std::string state = states_text(snapshot, group);
  out.write(fmt::format("\n{}  {}{}\n",
                        style.palette.bold(fmt::format("{:>{}}", count, kCountColumns)),
                        style.palette.bold(state), ages_text(snapshot, group)));
  std::vector<CodeLine> lines;
  for (FrameId frame : visible_frames(snapshot, first.stack))
    lines.push_back(code_line(snapshot, frame, ""));
  if (first.created_by != snapshot::kNone)
    lines.push_back(code_line(snapshot, first.created_by, "started by "));
  if (first.label_count > 0) lines.push_back({.note = "labels " + labels_text(snapshot, first)});
  if (std::string waits = io_waits_text(snapshot, group); !waits.empty())
    lines.push_back({.note = std::move(waits)});
  if (std::string_view known = background_text(snapshot, first); !known.empty())
    lines.push_back({.note = fmt::format("known background: {}", known)});
  lines.push_back({.note = ids_text(snapshot, group)});
  if (!first.stack_complete) lines.push_back({.note = "its stack could not be read to its end"});
  render_code_lines(out, style, kCountColumns + 2, lines);
}

// What the list leaves out; empty when it is everything.
std::string not_shown(const Snapshot& snapshot, const Selection& selection) {
  std::size_t system = 0;
  for (const Goroutine& goroutine : snapshot.goroutines) system += goroutine.system ? 1 : 0;
  for (std::uint32_t index : selection) system -= snapshot.goroutines[index].system ? 1 : 0;
  std::size_t filtered = snapshot.goroutines.size() - selection.size() - system;
  if (system == 0 && filtered == 0) return "";
  std::string text = "; not shown: ";
  if (system > 0) text += fmt::format("{} of the runtime's own", human_count(system));
  if (filtered > 0)
    text += fmt::format("{}{} filtered out", system > 0 ? ", " : "", human_count(filtered));
  return text;
}

void render_headline(Output& out, const Snapshot& snapshot, const Selection& selection,
                     std::size_t groups, const TextStyle& style) {
  std::string text = fmt::format("{}, {}", plural(selection.size(), "goroutine"),
                                 plural(groups, "different stack"));
  const snapshot::TargetFacts& target = snapshot.target;
  std::string where =
      target.pid == 0
          ? "in " + escape_controls(describe_file(target))
          : fmt::format("in {} {}, {}, {} {}", escape_controls(target.kind),
                        escape_controls(target.name), escape_controls(target.executable),
                        escape_controls(target.go_version), escape_controls(target.arch));
  out.write(fmt::format("{}{}\n{}\n", style.palette.bold(text), not_shown(snapshot, selection),
                        style.palette.faint(where)));
}

}  // namespace

void render_goroutines_text(Output& out, const Snapshot& snapshot, const Selection& selection,
                            const TextStyle& style, std::string_view note) {
  std::vector<GoroutineGroup> groups = group_goroutines(snapshot, selection);
  render_headline(out, snapshot, selection, groups.size(), style);
  if (!note.empty()) out.write("\n" + wrap_text(note, 0, style.columns) + "\n");
  for (const GoroutineGroup& group : groups) {
    if (!out.usable()) return;
    render_group(out, snapshot, group, style);
  }
  for (const snapshot::Doubt& doubt : snapshot.doubts)
    out.write("\n" + style.palette.warning("Doubt: " + escape_controls(doubt.what)) + "\n");
}

}  // namespace goshawk::report
