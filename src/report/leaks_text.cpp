// The screen: first the answer in one sentence, then whom it is about, then the groups (the worst
// first), then what the answer rests on. "None" is never said without what was checked. What does
// not fit is counted, with the way to see it; nothing is dropped silently. What a baseline knows
// comes after what is new, on a line each; what is suppressed is said at the end.
// Every name comes from the target and passes through escape_controls.
#include "report/leaks_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "findings/baseline.h"
#include "findings/function_name.h"
#include "report/accepted_text.h"
#include "report/brief_finding.h"
#include "report/finding_text.h"
#include "report/foreign_text.h"
#include "report/growth_text.h"
#include "report/leaks_headline.h"
#include "report/measures.h"
#include "report/picture_lines.h"
#include "report/shared_evidence.h"

namespace goshawk::report {

using findings::Finding;
using findings::Verdict;

namespace {

constexpr std::size_t kWholeGroups = 5;   // then
constexpr std::size_t kBriefGroups = 15;  // with a line each: one screen
constexpr std::size_t kIndent = 3;

class LeaksScreen {
 public:
  LeaksScreen(Output& out, const Judged& judged, const TextStyle& style)
      : out_(out),
        judged_(judged),
        verdict_(judged.verdict),
        style_(style),
        listed_(style.all ? verdict_.findings.size() : findings::count_new(verdict_.findings)),
        shown_(style.all || listed_ == kWholeGroups + 1 ? listed_
                                                        : std::min(listed_, kWholeGroups)),
        shared_(find_shared_evidence(verdict_.findings, shown_)) {}

  void render() {
    render_headline();
    render_target_line(out_, judged_.target, style_);
    for (const std::string& line : judged_.about) render_faint(escape_controls(line));
    render_findings();
    render_shared_evidence();
    render_shared_heap();
    if (!style_.all) render_known(out_, style_, verdict_);
    render_gone(out_, style_, verdict_);
    if (style_.all) render_suppressed();
    render_checked();
    render_parked();
    if (style_.all) render_background();
    render_suppressions(out_, style_, verdict_);
    render_picture();
    render_doubts();
  }

 private:
  void render_headline() {
    std::string text = headline(verdict_);
    bool leaks = !verdict_.findings.empty();
    bool open = verdict_.checked.unknown > 0;
    text = wrap_text(text, 0, style_.columns);
    out_.write((leaks  ? style_.palette.bad(text)
                : open ? style_.palette.warning(text)
                       : style_.palette.good(text)) +
               "\n");
  }

  void render_findings() {
    for (std::size_t i = 0; i < shown_ && out_.usable(); ++i)
      render_finding(verdict_.findings[i], i + 1,
                     verdict_.findings[i].known == true ? "known, " : "");
    if (shown_ < listed_) render_brief();
  }

  // With --all, each as if it were a finding.
  void render_suppressed() {
    std::size_t number = listed_;
    for (const findings::Suppressed& suppressed : verdict_.suppressed) {
      out_.write("\n" + wrap_text(suppressed_text(verdict_, suppressed), 2, style_.columns) + "\n");
      for (const Finding& finding : suppressed.findings)
        if (out_.usable()) render_finding(finding, ++number, "suppressed, ");
    }
  }

  // The groups that are not shown whole, a line each; what is beyond these too is counted.
  void render_brief() {
    std::size_t end = std::min(listed_, shown_ + kBriefGroups);
    out_.write("\nin short (--all shows them as the others):\n");
    std::vector<CodeLine> lines;
    for (std::size_t i = shown_; i < end; ++i)
      lines.push_back(brief_line(fmt::format("{:>2}.", i + 1), verdict_.findings[i]));
    render_code_lines(out_, style_, 0, lines);
    std::uint64_t hidden_members = 0;
    for (std::size_t i = end; i < listed_; ++i) hidden_members += verdict_.findings[i].count;
    if (end < listed_)
      out_.write(fmt::format("... and {} with {}\n",
                             plural(listed_ - end, "group more", "groups more"),
                             plural(hidden_members, "goroutine")));
  }

  // "1. 30 goroutines, 38 MB: Result whose reader has gone      proven  goroutine/abandoned-result"
  // `mark` comes before the confidence.
  void render_finding(const Finding& finding, std::size_t number, std::string_view mark) {
    std::string left = fmt::format("{}. {}", number, finding_title(finding));
    std::string word = fmt::format("{}{}", mark, findings::to_text(finding.confidence));
    std::size_t used = display_width(left) + display_width(finding.rule) + word.size() + 2;
    bool fits = used + 2 <= style_.columns;
    std::string gap =
        fits ? std::string(style_.columns - used, ' ') : "\n" + std::string(kIndent, ' ');
    out_.write(fmt::format("\n{}{}{}  {}\n",
                           style_.palette.bold(wrap_text(left, kIndent, style_.columns)), gap,
                           style_.palette.confidence(finding.confidence, word),
                           style_.palette.faint(escape_controls(finding.rule))));
    render_finding_text(out_, finding, style_, shared_);
  }

  void render_shared_heap() {
    if (verdict_.shared_retained_bytes == 0 || !shows_all(verdict_)) return;
    std::string text = fmt::format(
        "Beside these costs, {} of heap is held by several groups together: it is freed once all "
        "of "
        "them are mended",
        human_bytes(verdict_.shared_retained_bytes));
    out_.write("\n" + wrap_text(text, 0, style_.columns) + "\n");
  }

  void render_shared_evidence() {
    for (const SharedEvidence& shared : shared_) {
      bool all = shared.groups.size() == verdict_.findings.size();
      std::string text = fmt::format(
          "{}: {}", all ? std::string("All of these") : "Groups " + join_numbers(shared.groups),
          escape_controls(shared.sentence));
      out_.write("\n" + wrap_text(text, 0, style_.columns) + "\n");
    }
  }

  void render_checked() {
    out_.write("\n" +
               wrap_text(checked_text(verdict_.checked, judged_.of_runtime), 0, style_.columns) +
               "\n");
    for (const std::string& text : undecided_texts(verdict_.checked))
      out_.write(style_.palette.warning("  " + escape_controls(text)) + "\n");
  }

  void render_parked() {
    for (const Finding& finding : verdict_.parked) {
      std::string text = fmt::format("Parked on purpose, not counted as a leak: {}",
                                     plural(finding.count, "goroutine"));
      if (!finding.blocked_at.function.empty())
        text += fmt::format(
            " in {} ({})",
            escape_controls(findings::shorten_type_arguments(finding.blocked_at.function)),
            place_text(shorten_source_path(finding.blocked_at.file, finding.blocked_at.function),
                       finding.blocked_at.line, 48));
      if (!finding.wait_reason.empty()) text += ", " + escape_controls(finding.wait_reason);
      if (!finding.evidence.empty()) text += ": " + escape_controls(finding.evidence.back());
      render_faint(text);
    }
  }

  void render_background() {
    for (const findings::Background& background : verdict_.background) {
      std::string text = fmt::format("Known background, alive: {} in {}; {}",
                                     plural(background.goids.size(), "goroutine"),
                                     background.function, background.reason);
      render_faint(text);
    }
  }

  void render_picture() {
    if (judged_.target.kind == "profile") {
      // what was read of it says nothing
    } else if (verdict_.pictures.empty() || !is_of_process()) {
      render_pause_line(out_, judged_.picture, style_);
    } else {
      std::string text =
          fmt::format("{}; {} read for the last one", pictures_text(verdict_.pictures),
                      human_bytes(judged_.picture.bytes_read));
      render_faint(text);
    }
    std::string target = escape_controls(judged_.target.name);
    std::vector<std::string> next;
    if (verdict_.findings.empty()) {
      next.push_back("What all of them wait for: " + listing_command());
    } else {
      const Finding& first = verdict_.findings.front();
      next.push_back(fmt::format("What a rule means and how to mend it: goshawk explain {}",
                                 short_rule(first)));
      next.push_back(is_of_process()
                         ? fmt::format("The whole story of one goroutine: goshawk leaks "
                                       "{} --goroutine {}{}",
                                       target, first.goids.front(),
                                       is_told_by_growth(first) ? " --samples 3" : "")
                         : "All of their stacks: " + listing_command());
    }
    if (growth_would_tell())
      next.push_back(
          fmt::format("Whether {} grow in number: goshawk leaks {} --samples 3 --every 5s",
                      has_suspected() ? "the suspected ones, and others that are alive,"
                                      : "those that are alive",
                      target));
    if (no_times_known())
      next.insert(
          next.begin(),
          "Since when they wait is not known: Go notes it at a collection, from its second on; "
          "none came since");
    bool is_gone = judged_.target.name == "-";  // what was read of a pipe
    for (const std::string& line : next)
      if (!is_gone || line.find(" goshawk explain ") != std::string::npos) render_next(line);
  }

  // What does not fit has its command on a line of its own, whole: it is copied from there.
  void render_next(std::string_view line) {
    std::size_t command = line.find(": goshawk ");
    if (display_width(line) > style_.columns && command != std::string_view::npos) {
      render_faint(line.substr(0, command + 1));
      out_.write("  " + style_.palette.faint(line.substr(command + 2)) + "\n");
    } else {
      render_faint(line);
    }
  }

  void render_faint(std::string_view text) {
    out_.write(style_.palette.faint(wrap_text(text, 0, style_.columns)) + "\n");
  }

  // Or a picture of one: not of what a program has written of itself.
  // A profile itself is such a list.
  std::string listing_command() const {
    return (judged_.target.kind == "profile" ? "goshawk " : "goshawk goroutines ") +
           escape_controls(judged_.target.name);
  }

  bool is_of_process() const {
    return judged_.target.kind != "dump" && judged_.target.kind != "profile";
  }

  // A core has no clock.
  bool no_times_known() const {
    return !verdict_.findings.empty() && judged_.target.kind == "process" &&
           std::ranges::all_of(verdict_.findings, [](const Finding& finding) {
             return finding.longest_wait_ns == 0 && !finding.wait_reason.empty();
           });
  }

  // Of one picture of a process.
  // One picture would call it alive.
  static bool is_told_by_growth(const findings::Finding& finding) {
    return finding.confidence != findings::Confidence::kProven && finding.growth &&
           finding.growth->came > 0;
  }

  bool has_suspected() const {
    return std::ranges::any_of(verdict_.findings, [](const Finding& finding) {
      return finding.confidence == findings::Confidence::kSuspected;
    });
  }

  bool growth_would_tell() const {
    return verdict_.pictures.empty() && judged_.target.kind == "process" &&
           verdict_.checked.alive > 0;
  }

  void render_doubts() {
    for (const std::string& doubt : verdict_.doubts)
      out_.write(
          style_.palette.warning(wrap_text("Doubt: " + escape_controls(doubt), 0, style_.columns)) +
          "\n");
  }

  Output& out_;
  const Judged& judged_;
  const Verdict& verdict_;
  const TextStyle& style_;
  std::size_t listed_;  // groups: those that are new, with --all all
  std::size_t shown_;   // of these, whole; the rest is in short and counted
  std::vector<SharedEvidence> shared_;
};

}  // namespace

void render_leaks_text(Output& out, const Judged& judged, const TextStyle& style) {
  LeaksScreen(out, judged, style).render();
}

void render_leaks_text(Output& out, const snapshot::Snapshot& snapshot, const Verdict& verdict,
                       const TextStyle& style) {
  render_leaks_text(out, make_judged(snapshot, verdict), style);
}

}  // namespace goshawk::report
