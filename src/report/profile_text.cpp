// The sum first, then where it is from. Of memory and waiting: a line for each place whose own it
// is, with the callers by which most of it came, then the functions that it went through. Of
// goroutines: a stack for all that stand in it. What a profile cannot know is said last, with what
// does.
#include "report/profile_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pprof/text_reader.h"
#include "report/foreign_text.h"
#include "report/measures.h"
#include "report/profile_parts.h"

namespace goshawk::report {

using findings::ProfilePlace;
using findings::ProfileStack;
using findings::ProfileSum;
using pprof::ProfileKind;

namespace {

constexpr std::size_t kShownSites = 10, kShownFunctions = 5, kShownCallers = 2;
constexpr std::size_t kShownStacks = 10, kShownFrames = 8;
constexpr std::size_t kCountColumns = 6;

// What the columns of a table are called.
struct Words {
  std::string_view amount, count, place;
};

bool is_hidden(std::string_view function) {
  return function == pprof::kHiddenRuntime || function == "runtime.goexit" ||
         function == "runtime.gopark" || function == "runtime.goparkunlock";
}

// Stacks of fixed length, as of who made threads, end with no place: 0, less one for the call.
bool is_end_of_stack(const ProfilePlace& call) {
  std::uint64_t address = call.address.value();
  return call.function == "runtime.goexit" ||
         (call.function.empty() && (address == 0 || address == UINT64_MAX));
}

class ProfileText {
 public:
  ProfileText(Output& out, const ProfileReport& report, const TextStyle& style)
      : out_(out),
        report_(report),
        style_(style),
        unit_(report.profile.unit_name(report.shown.amount)),
        words_(words()) {}

  void render() {
    render_head();
    if (pprof::is_of_goroutines(report_.kind) || report_.kind == ProfileKind::kThreads)
      render_stacks();
    else
      render_sites();
    render_limits();
  }

  void render_in_short() {
    out_.write(wrap_text(escape_controls(fmt::format("{}: goshawk {}", sum_text(), report_.name)),
                         2, style_.columns) +
               "\n");
  }

 private:
  Words words() const {
    switch (report_.kind) {
      case ProfileKind::kHeap:
      case ProfileKind::kAllocations:
        return {is_allocated() ? "allocated" : "in use", "objects", "allocated by"};
      case ProfileKind::kMutex:
        return {"others waited", "times", "until the unlock at"};
      case ProfileKind::kBlock:
      case ProfileKind::kContention:
        return {"waited", "times", "at"};
      case ProfileKind::kCpu:
        return {"running", "samples", "at"};
      default:
        return {report_.profile.type_name(report_.shown.amount), "count", "at"};
    }
  }

  bool is_allocated() const {
    return report_.profile.type_name(report_.shown.amount).starts_with("alloc");
  }

  void write_faint(const std::string& text) {
    out_.write(style_.palette.faint(wrap_text(text, 0, style_.columns)) + "\n");
  }

  std::string sum_text() const {
    const findings::ProfileSites& sites = report_.sites;
    std::string amount = amount_text(sites.amount, unit_);
    std::string count = amount_text(sites.count, "count");
    std::string stacks = plural(report_.stacks.stacks.size(), "different stack");
    auto standing = static_cast<std::uint64_t>(std::max<std::int64_t>(report_.stacks.count, 0));
    switch (report_.kind) {
      case ProfileKind::kGoroutines:
        return fmt::format("{}, {}", plural(standing, "goroutine"), stacks);
      case ProfileKind::kGoroutineLeak:
        return fmt::format("{}, as Go's runtime found: {}", plural(standing, "leaked goroutine"),
                           stacks);
      case ProfileKind::kThreads:
        return fmt::format("{} made, {}", plural(standing, "thread"), stacks);
      case ProfileKind::kHeap:
      case ProfileKind::kAllocations:
        return fmt::format("{} {}{}", amount,
                           is_allocated() ? "allocated since the start" : "in use",
                           report_.shown.count ? fmt::format(", {} objects", count) : "");
      case ProfileKind::kMutex:
        return fmt::format("Others waited {} for locks, {} times", amount, count);
      case ProfileKind::kBlock:
        return fmt::format("{} waited, {} times", amount, count);
      case ProfileKind::kContention:
        return "No waiting is recorded";
      case ProfileKind::kCpu:
        return fmt::format("{} of processor time, {} samples", amount, count);
      case ProfileKind::kOther:
        break;
    }
    return fmt::format("{}: {}", words_.amount, amount);
  }

  void render_head() {
    const pprof::Profile& profile = report_.profile;
    out_.write(style_.palette.bold(escape_controls(sum_text())) + "\n");
    std::string what = fmt::format("{}: a {}", escape_controls(report_.name), kind_text());
    if (std::string_view program = program_of(profile); !program.empty())
      what += " of " + escape_controls(program);
    if (profile.time_ns > 0) what += ", taken " + utc_text(profile.time_ns);
    if (profile.duration_ns > 0) what += ", over " + human_duration(profile.duration_ns);
    write_faint(what);
    if (!pprof::is_of_memory(report_.kind) || profile.period <= 1) return;
    write_faint(
        fmt::format("Estimated from samples, one in {}, as of the program's last collection{}.",
                    human_bytes(static_cast<std::uint64_t>(profile.period)),
                    is_allocated() ? "; most of it may be freed"
                                   : ": what that did not free counts as in use"));
  }

  // One without stacks may say by its name what it is.
  std::string kind_text() const {
    std::string kind(pprof::name_of(report_.kind));
    if (report_.kind != ProfileKind::kContention) return kind;
    std::string_view name = report_.name;
    name = name.substr(name.rfind('/') + 1);
    for (std::string_view word : {"mutex", "block"})
      if (name.find(word) != std::string_view::npos)
        return fmt::format("{}, by its name {}", kind, word);
    return kind;
  }

  // --- sites ---

  void render_sites() {
    const std::vector<ProfileSum>& lines = report_.sites.lines;
    auto end = std::ranges::find_if(lines, [](const ProfileSum& sum) { return sum.own == 0; });
    auto with_own = static_cast<std::size_t>(end - lines.begin());
    if (with_own == 0) return;
    render_title(words_.place);
    std::size_t shown = style_.all ? with_own : std::min(with_own, kShownSites);
    std::vector<CodeLine> rows;
    for (std::size_t i = 0; i < shown; ++i) add_site(lines[i], rows);
    render_code_lines(out_, style_, 0, rows);
    render_rest(with_own - shown, "more line of code", "more lines of code");
    render_functions();
  }

  std::string numbers(std::string_view amount, std::string_view share,
                      std::string_view count) const {
    if (!report_.shown.count) return fmt::format("{:>12}  {:>7}  ", amount, share);
    return fmt::format("{:>12}  {:>7}  {:>11}  ", amount, share, count);
  }

  void render_title(std::string_view place) {
    out_.write("\n" +
               style_.palette.bold(escape_controls(numbers(words_.amount, "share", words_.count) +
                                                   std::string(place))) +
               "\n");
  }

  void add_site(const ProfileSum& sum, std::vector<CodeLine>& rows) const {
    rows.push_back(code_line_of(
        sum.place, numbers(amount_text(sum.own, unit_), part_text(sum.own, report_.sites.amount),
                           amount_text(sum.own_count, "count"))));
    std::vector<ProfilePlace> callers = calls_of(sum.largest_sample);
    std::size_t end = style_.all ? callers.size() : std::min(callers.size(), kShownCallers + 1);
    std::size_t indent = numbers("", "", "").size();
    for (std::size_t i = 1; i < end; ++i)
      rows.push_back(
          code_line_of(callers[i], fmt::format("{:>{}}  ", i == 1 ? "called by" : "", indent - 2)));
  }

  // Innermost first; without what every stack ends with.
  std::vector<ProfilePlace> calls_of(pprof::SampleId sample) const {
    std::vector<ProfilePlace> calls;
    for (pprof::LocationId location : report_.profile.stack_of(sample)) {
      std::size_t count = std::max<std::size_t>(report_.profile.lines_of(location).size(), 1);
      for (std::size_t i = 0; i < count; ++i)
        calls.push_back(place_of(report_.profile, location, i));
    }
    while (!calls.empty() && is_end_of_stack(calls.back())) calls.pop_back();
    return calls;
  }

  void render_rest(std::size_t more, std::string_view one, std::string_view several) {
    if (more == 0) return;
    std::size_t indent = numbers("", "", "").size();
    std::string text =
        plural(more, one, several) + (more == 1 ? ": --all shows it" : ": --all shows them");
    out_.write(std::string(indent, ' ') +
               style_.palette.faint(wrap_text(text, indent, style_.columns)) + "\n");
  }

  // Those that all goes through, whatever it is, tell nothing.
  bool is_telling(const ProfileSum& sum) const {
    std::string_view name = sum.place.function;
    return sum.total != sum.own && sum.total != report_.sites.amount && name != "main.main" &&
           name != "runtime.main" && name != "runtime.goexit";
  }

  // Through which functions most of it went.
  void render_functions() {
    std::vector<const ProfileSum*> sums;
    for (const ProfileSum& sum : report_.sites.functions)
      if (style_.all || is_telling(sum)) sums.push_back(&sum);
    if (sums.empty()) return;
    std::ranges::stable_sort(sums, std::greater(), &ProfileSum::total);
    render_title("through the function");
    std::size_t shown = style_.all ? sums.size() : std::min(sums.size(), kShownFunctions);
    std::vector<CodeLine> rows;
    for (std::size_t i = 0; i < shown; ++i) {
      const ProfileSum& sum = *sums[i];
      CodeLine row = code_line_of(sum.place, numbers(amount_text(sum.total, unit_),
                                                     part_text(sum.total, report_.sites.amount),
                                                     amount_text(sum.total_count, "count")));
      row.file = sum.own == 0 ? "own 0" : "own " + amount_text(sum.own, unit_);
      rows.push_back(std::move(row));
    }
    render_code_lines(out_, style_, 0, rows);
  }

  // --- stacks ---

  void render_stacks() {
    const std::vector<ProfileStack>& stacks = report_.stacks.stacks;
    std::size_t shown = style_.all ? stacks.size() : std::min(stacks.size(), kShownStacks);
    for (std::size_t i = 0; i < shown; ++i) render_stack(stacks[i]);
    if (shown == stacks.size()) return;
    std::int64_t rest = report_.stacks.count;
    for (std::size_t i = 0; i < shown; ++i) rest -= stacks[i].count;
    out_.write("\n" +
               style_.palette.faint(fmt::format("{} in {}: --all shows them",
                                                human_count(static_cast<std::uint64_t>(rest)),
                                                plural(stacks.size() - shown, "more stack"))) +
               "\n");
  }

  void render_stack(const ProfileStack& stack) {
    std::string count = human_count(static_cast<std::uint64_t>(stack.count));
    out_.write(fmt::format("\n{}  {}\n",
                           style_.palette.bold(fmt::format("{:>{}}", count, kCountColumns)),
                           part_text(stack.count, report_.stacks.count)));
    std::vector<CodeLine> rows;
    std::vector<ProfilePlace> calls = calls_of(stack.sample);
    std::erase_if(calls, [](const ProfilePlace& call) { return is_hidden(call.function); });
    std::size_t end = style_.all ? calls.size() : std::min(calls.size(), kShownFrames);
    for (std::size_t i = 0; i < end; ++i) rows.push_back(code_line_of(calls[i], ""));
    if (end < calls.size())
      rows.push_back({.note = fmt::format("... {}", plural(calls.size() - end, "outer frame"))});
    if (calls.empty()) rows.push_back({.note = "without a stack"});
    render_code_lines(out_, style_, kCountColumns + 2, rows);
  }

  void render_limits() {
    std::string text = limits();
    if (!text.empty()) out_.write("\n" + wrap_text(text, 0, style_.columns) + "\n");
  }

  std::string limits() const {
    if (pprof::is_of_memory(report_.kind))
      return "Who holds this memory is in no profile: of the running process, `goshawk heap PID` "
             "tells. What grows: `goshawk diff` of two profiles, an hour apart.";
    if (report_.kind == ProfileKind::kGoroutines)
      return "What stacks and numbers tell of leaks: `goshawk leaks` of this file. Which of them "
             "can "
             "never run again, and who could wake them, is in no profile: of the running process, "
             "`goshawk leaks PID` proves it.";
    if (report_.kind == ProfileKind::kGoroutineLeak)
      return "What they wait for, who holds it and what they cost: of the running process, "
             "`goshawk "
             "leaks PID` tells.";
    if (report_.kind == ProfileKind::kContention)
      return "A program records no waiting unless it asks for it: runtime.SetBlockProfileRate, "
             "runtime.SetMutexProfileFraction.";
    return "";
  }

  Output& out_;
  const ProfileReport& report_;
  const TextStyle& style_;
  std::string_view unit_;
  Words words_;
};

}  // namespace

void render_profile_text(Output& out, const ProfileReport& report, const TextStyle& style) {
  ProfileText(out, report, style).render();
}

void render_profile_in_short(Output& out, const ProfileReport& report, const TextStyle& style) {
  ProfileText(out, report, style).render_in_short();
}

}  // namespace goshawk::report
