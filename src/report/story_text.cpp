// The answer first, then what the goroutine does, what it waits on, and why it was so decided. All
// names come from the target and pass through escape_controls.
#include "report/story_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "findings/rules.h"
#include "report/foreign_text.h"
#include "report/goroutine_selection.h"
#include "report/growth_text.h"
#include "report/largest_types.h"
#include "report/measures.h"
#include "report/picture_lines.h"

namespace goshawk::report {

using findings::Fate;
using findings::Finding;
using findings::Story;
using snapshot::Goroutine;
using snapshot::Snapshot;

namespace {

constexpr std::size_t kIndent = 3;
constexpr std::size_t kLabelColumns = 8;
constexpr std::size_t kShownOthers = 12;
constexpr std::uint64_t kMainGoroutine = 1;

std::string headline(const Story& story) {
  switch (story.fate) {
    case Fate::kAlive:
      return story.group
                 ? fmt::format("Goroutine {} looks stuck, though it may be woken", story.goid)
                 : fmt::format("Goroutine {} is alive", story.goid);
    case Fate::kLeaked:
      return fmt::format("Goroutine {} will never run again", story.goid);
    case Fate::kLikelyLeaked:
      if (story.by_growth)
        return fmt::format("Goroutine {} is likely leaked: there are more and more of its kind",
                           story.goid);
      return fmt::format("Goroutine {} is likely leaked: what still reaches it does not wake it",
                         story.goid);
    case Fate::kParked:
      return fmt::format("Goroutine {} will never run again; it is parked on purpose", story.goid);
    case Fate::kUndecided:
      break;
  }
  return fmt::format("Whether goroutine {} can ever run again could not be decided", story.goid);
}

class StoryScreen {
 public:
  StoryScreen(Output& out, const Snapshot& snapshot, const Story& story, const TextStyle& style)
      : out_(out),
        snapshot_(snapshot),
        story_(story),
        style_(style),
        goroutine_(
            *std::ranges::find(snapshot.goroutines, story.goid, &snapshot::Goroutine::goid)) {}

  void render() {
    bool bad = story_.fate == Fate::kLeaked || story_.fate == Fate::kLikelyLeaked;
    std::string text = wrap_text(headline(story_), 0, style_.columns);
    out_.write((bad                               ? style_.palette.bad(text)
                : story_.fate == Fate::kUndecided ? style_.palette.warning(text)
                                                  : style_.palette.good(text)) +
               "\n");
    render_target_line(out_, snapshot_.target, style_);
    out_.write("\n");
    render_stack();
    render_labelled("state", state());
    render_labels();
    render_waits();
    std::string_view label = "why";
    for (const std::string& reason : story_.reasons)
      render_labelled(std::exchange(label, ""), reason);
    if (story_.group) render_group(*story_.group);
    out_.write("\n");
    render_pause_line(out_, snapshot_.picture, style_);
    if (story_.group && story_.fate != Fate::kParked)
      out_.write(style_.palette.faint("What the rule means and how to mend it: goshawk explain " +
                                      escape_controls(story_.group->rule)) +
                 "\n");
    if (growth_would_tell())
      out_.write(style_.palette.faint(fmt::format(
                     "Whether there are more and more of its kind: goshawk leaks {} --goroutine {} "
                     "--samples 3 --every 5s",
                     escape_controls(snapshot_.target.name), story_.goid)) +
                 "\n");
    for (const snapshot::Doubt& doubt : snapshot_.doubts)
      out_.write(style_.palette.warning(
                     wrap_text("Doubt: " + escape_controls(doubt.what), 0, style_.columns)) +
                 "\n");
  }

 private:
  std::string state() const {
    std::string text(state_text(snapshot_, goroutine_));
    if (goroutine_.wait_ns > 0)
      text += fmt::format(", for about {}", human_duration(goroutine_.wait_ns));
    if (goroutine_.locked_to_thread) text += ", locked to its thread";
    return text;
  }

  bool growth_would_tell() const {
    return story_.pictures == 1 && story_.fate == Fate::kAlive &&
           snapshot_.target.kind == "process" && !goroutine_.system &&
           goroutine_.goid != kMainGoroutine;
  }

  void render_stack() {
    std::vector<CodeLine> lines;
    for (snapshot::FrameId frame : visible_frames(snapshot_, goroutine_.stack))
      lines.push_back(code_line(frame, ""));
    if (!goroutine_.stack_complete)
      lines.push_back({.note = "... its stack could not be walked to the end"});
    if (goroutine_.created_by != snapshot::kNone) {
      std::string by = goroutine_.creator_goid == 0
                           ? std::string("started by ")
                           : fmt::format("started by goroutine {} in ", goroutine_.creator_goid);
      lines.push_back(code_line(goroutine_.created_by, std::move(by)));
    }
    render_code_lines(out_, style_, kIndent, lines);
  }

  CodeLine code_line(snapshot::FrameId id, std::string prefix) const {
    const snapshot::Frame& frame = snapshot_.stacks.frame(id);
    return {std::move(prefix), std::string(snapshot_.strings[frame.function]),
            std::string(snapshot_.strings[frame.file]), frame.line};
  }

  void render_labels() {
    for (std::uint32_t i = 0; i < goroutine_.label_count; ++i) {
      const snapshot::Label& label = snapshot_.labels[goroutine_.first_label + i];
      render_labelled(i == 0 ? "labels" : "", fmt::format("{}={}", snapshot_.strings[label.key],
                                                          snapshot_.strings[label.value]));
    }
  }

  void render_waits() {
    for (std::size_t i = 0; i < story_.waits.size(); ++i) {
      const Story::Wait& wait = story_.waits[i];
      std::string text = fmt::format("{} at {:#x}", wait.what, wait.address);
      if (!wait.others.empty())
        text += fmt::format("; {} {}", wait.what_others_do, list_others(wait.others));
      render_labelled(i == 0 ? "waits" : "", text);
    }
  }

  static std::string list_others(const std::vector<std::uint64_t>& goids) {
    std::string text = goids.size() == 1 ? "goroutine" : "each of goroutines";
    for (std::size_t i = 0; i < goids.size() && i < kShownOthers; ++i)
      text += fmt::format(" {}", goids[i]);
    if (goids.size() > kShownOthers)
      text += fmt::format(" and {} more", human_count(goids.size() - kShownOthers));
    return text;
  }

  void render_group(const Finding& finding) {
    if (story_.fate == Fate::kParked) return;
    std::string text = fmt::format("{}, {}", findings::to_text(finding.confidence), finding.rule);
    if (finding.count > 1)
      text += fmt::format("; one of {} of the same kind", human_count(finding.count));
    render_labelled("verdict", text);
    if (finding.growth && finding.growth->came > 0)
      render_labelled("grew", growth_text(*finding.growth));
    std::string cost = human_bytes(goroutine_.stack_bytes) + " of stack";
    if (finding.cost.retained_bytes.value_or(0) > 0)
      cost += fmt::format("; {} {} of heap that nothing else holds",
                          finding.count > 1 ? "all of them together hold" : "it holds",
                          human_bytes(*finding.cost.retained_bytes));
    render_labelled("cost", cost);
    render_labelled("", largest_types_text(finding.cost));
    render_labelled("fix", finding.advice);
  }

  void render_labelled(std::string_view label, const std::string& text) {
    if (text.empty()) return;
    std::string wrapped = wrap_text(escape_controls(text), kIndent + kLabelColumns, style_.columns);
    out_.write(fmt::format("{:{}}{}{:{}}{}\n", "", kIndent, style_.palette.bold(label), "",
                           kLabelColumns - label.size(), wrapped));
  }

  Output& out_;
  const Snapshot& snapshot_;
  const Story& story_;
  const TextStyle& style_;
  const Goroutine& goroutine_;
};

}  // namespace

void render_story_text(Output& out, const Snapshot& snapshot, const Story& story,
                       const TextStyle& style) {
  StoryScreen(out, snapshot, story, style).render();
}

}  // namespace goshawk::report
