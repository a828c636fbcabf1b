// What is less than half a percent of the live heap, of each kind together, is left to --all.
#include "report/heap_lines_text.h"

#include <fmt/format.h>

#include <string>

#include "report/creation_text.h"
#include "report/foreign_text.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::HeapLines;
using findings::PoolLine;
using findings::TimerLine;
using findings::UniqueLine;
using findings::WeakLine;

namespace {

constexpr std::uint64_t kLeastShare = 200;
constexpr std::size_t kMost = 5;  // of a kind
constexpr std::size_t kIndent = 20;

class LinesText {
 public:
  LinesText(Output& out, std::uint64_t live_bytes, const TextStyle& style)
      : out_(out), live_bytes_(live_bytes), style_(style) {}

  void render(const HeapLines& lines) {
    render_kind(
        lines.pools, [](const PoolLine& pool) { return pool.bytes; },
        "Kept for reuse in sync.Pools: {}, which the next two collections free if it is not "
        "taken",
        pool_text);
    render_kind(
        lines.unique,
        [](const UniqueLine& unique) { return unique.map_bytes + unique.value_bytes; },
        "Handles of package unique: {}", unique_text);
    render_kind(
        lines.weak, [](const WeakLine& weak) { return weak.bytes; },
        "What weak pointers lead to: {}", weak_text);
    std::vector<TimerLine> timers;
    for (const TimerLine& timer : lines.timers)
      if (style_.all || !timer.has_finding) timers.push_back(timer);
    render_kind(
        timers, [](const TimerLine& timer) { return timer.bytes; },
        "Held by pending timers alone: {}", timer_text);
  }

 private:
  template <typename Line, typename BytesOf, typename TextOf>
  void render_kind(const std::vector<Line>& lines, BytesOf bytes_of,
                   fmt::format_string<std::string> head, TextOf text_of) {
    std::uint64_t all = 0, rest = 0;
    std::size_t shown = 0, left = 0;
    for (const Line& line : lines) all += bytes_of(line);
    if (lines.empty() || (!style_.all && is_little(all))) return;
    write_head(fmt::format(head, human_bytes(all)));
    for (const Line& line : lines) {
      if (style_.all || (shown < kMost && !is_little(bytes_of(line)))) {
        ++shown;
        write_line(bytes_of(line), text_of(line));
      } else {
        ++left;
        rest += bytes_of(line);
      }
    }
    if (left > 0) write_line(rest, plural(left, "smaller line"));
    out_.write("\n");
  }

  bool is_little(std::uint64_t bytes) const { return bytes < live_bytes_ / kLeastShare; }

  // "main.buffers: 3,000 values, mostly *bytes.Buffer; 2,000 of them go with the next collection".
  static std::string pool_text(const PoolLine& pool) {
    std::string name = pool.place;
    if (name.empty())
      name = pool.made_by.empty() ? "a sync.Pool" : fmt::format("the pool of {}", pool.made_by);
    if (pool.pools > 1) name = fmt::format("{} × {}", human_count(pool.pools), name);
    std::string text = fmt::format("{}: {}", escape_controls(name), plural(pool.values, "value"));
    if (!pool.type.empty())
      text +=
          fmt::format("{} {}", pool.values == 1 ? " of" : ", mostly", escape_controls(pool.type));
    if (pool.victim_values == pool.values && pool.values > 0)
      return text + "; the next collection frees them";
    if (pool.victim_values > 0)
      text +=
          fmt::format("; the next collection frees {} of them", human_count(pool.victim_values));
    return text;
  }

  // "string: 40,000 values, 30,000 of them without a handle any more; 3 MB in the map".
  static std::string unique_text(const UniqueLine& unique) {
    std::string text =
        fmt::format("{}: {}", escape_controls(unique.type), plural(unique.handles, "value"));
    if (unique.unheld > 0)
      text += fmt::format(", {} of them without a handle any more", human_count(unique.unheld));
    return fmt::format("{}; {} of it is the map", text, human_bytes(unique.map_bytes));
  }

  static std::string weak_text(const WeakLine& weak) {
    std::string text = weak.type.empty() ? plural(weak.objects, "object")
                                         : fmt::format("{} × {}", human_count(weak.objects),
                                                       escape_controls(weak.type));
    if (weak.unheld == 0) return text;
    return fmt::format("{}; nothing else leads to {}: the next collection frees them", text,
                       weak.unheld == weak.objects ? "any" : human_count(weak.unheld));
  }

  static std::string timer_text(const TimerLine& timer) {
    std::string what = timer.ticks ? "ticker" : "timer";
    std::string text = plural(timer.timers, what);
    if (timer.sends_time)
      text += timer.ticks ? " of time.NewTicker" : " of time.After or time.NewTimer";
    else
      text += " for " + (timer.function.empty() ? "a function that is not known"
                                                : escape_controls(timer.function));
    if (timer.longest_ns > 0 && !timer.ticks)
      text += fmt::format("; the last of them fires in {}", human_duration(timer.longest_ns));
    return text + creation_text(timer.created_in);
  }

  void write_head(const std::string& text) {
    out_.write(style_.palette.bold(wrap_text(text, 0, style_.columns)) + "\n");
  }
  void write_line(std::uint64_t bytes, const std::string& text) {
    out_.write(fmt::format("{:>10}  {:>6}  {}\n", human_bytes(bytes),
                           share_text(bytes, live_bytes_),
                           wrap_text(text, kIndent, style_.columns)));
  }

  Output& out_;
  std::uint64_t live_bytes_;
  const TextStyle& style_;
};

}  // namespace

void render_heap_lines(Output& out, const HeapLines& lines, std::uint64_t live_bytes,
                       const TextStyle& style) {
  LinesText(out, live_bytes, style).render(lines);
}

}  // namespace goshawk::report
