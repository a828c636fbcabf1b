// Each with what mending it would give back, in a sentence for its rule. Arrays, maps and channels
// that are less than half a percent of the live heap are left to --all; timers, finalizers and
// descriptors are told in any case: it is not their bytes alone that matter.
#include "report/heap_findings_text.h"

#include <fmt/format.h>

#include <string>

#include "findings/rules.h"
#include "report/creation_text.h"
#include "report/foreign_text.h"
#include "report/heap_growth_text.h"
#include "report/measures.h"

namespace goshawk::report {

using findings::Confidence;
using findings::HeapFinding;

namespace {

constexpr std::uint64_t kLeastShare = 200;
constexpr std::size_t kMost = 8;
constexpr std::size_t kIndent = 20;

std::string place_text(const HeapFinding& found) {
  return found.place.empty() ? "" : escape_controls(found.place) + ": ";
}

// "1,024 × []uint8", "1,024 arrays".
std::string many(const HeapFinding& found, std::string_view unknown) {
  if (found.type.empty()) return plural(found.finding.count, unknown);
  return fmt::format("{} × {}", human_count(found.finding.count), escape_controls(found.type));
}

std::string array_text(const HeapFinding& found) {
  bool lost = found.finding.confidence == Confidence::kLikely;
  return fmt::format("{}{} of {}, of which {} is used; {}", place_text(found), many(found, "array"),
                     human_bytes(found.total_bytes), human_bytes(found.used_bytes),
                     lost ? "no code can get at the rest any more"
                          : "the rest is room behind the length of slices");
}

std::string map_text(const HeapFinding& found) {
  std::string entries = plural(found.entries.value_or(0), "entry", "entries");
  if (found.finding.count == 1)
    return fmt::format("{}{}{} with {} in tables of {}", escape_controls(found.place),
                       found.type.empty() || found.place.empty()
                           ? escape_controls(found.type)
                           : fmt::format(" ({})", escape_controls(found.type)),
                       found.place.empty() && found.type.empty() ? "a map" : "", entries,
                       human_bytes(found.total_bytes));
  return fmt::format("{} with {} in tables of {}, the largest: {}", many(found, "map"), entries,
                     human_bytes(found.total_bytes),
                     found.place.empty() ? "not told" : escape_controls(found.place));
}

std::string waiters_text(const findings::ChannelWaiters& waiters, std::string_view what) {
  if (waiters.count == 0) return fmt::format("nobody waits to {}", what);
  return fmt::format(
      "{} to {}{}", plural(waiters.count, "goroutine waits", "goroutines wait"), what,
      waiters.function.empty() ? "" : fmt::format(" in {}", escape_controls(waiters.function)));
}

// "main.events (chan main.event)", "12 × chan main.event".
std::string channels_named(const HeapFinding& found) {
  if (found.finding.count > 1) return many(found, "channel");
  std::string type = found.type.empty() ? "a channel" : escape_controls(found.type);
  return found.place.empty() ? type : fmt::format("{} ({})", escape_controls(found.place), type);
}

std::string channel_text(const HeapFinding& found) {
  const findings::ChannelUse& use = *found.channels;
  std::string queued =
      use.queued == use.capacity
          ? fmt::format("full with {} queued", human_count(use.queued))
          : fmt::format("{} of {} queued", human_count(use.queued), human_count(use.capacity));
  if (found.finding.rule == "heap/channel-backlog") {
    if (use.held_bytes > 0) queued += fmt::format(", which hold {}", human_bytes(use.held_bytes));
    queued +=
        "; " + waiters_text(use.senders, "send") + ", " + waiters_text(use.receivers, "receive");
  }
  if (use.closed > 0)
    queued += found.finding.count == 1
                  ? "; closed"
                  : fmt::format("; {} of them closed", human_count(use.closed));
  std::string largest = found.finding.count > 1 && !found.place.empty()
                            ? fmt::format("; the largest: {}", escape_controls(found.place))
                            : "";
  return fmt::format("{} with a buffer of {}: {}{}", channels_named(found),
                     human_bytes(found.total_bytes), queued, largest);
}

std::string timer_text(const HeapFinding& found) {
  std::string last =
      found.longest_ns.value_or(0) > 0 && found.finding.rule != "timer/unstopped-ticker"
          ? fmt::format("; the last of them fires in {}", human_duration(*found.longest_ns))
          : "";
  last += creation_text(found.created_in);
  if (!found.unreferenced)
    return fmt::format("{} of time.AfterFunc will call {}{}", plural(found.finding.count, "timer"),
                       escape_controls(found.place), last);
  return fmt::format("{} × {}, {} that nobody can stop or receive from any more{}",
                     human_count(found.finding.count), found.type,
                     *found.unreferenced == found.finding.count
                         ? "all of them such"
                         : human_count(*found.unreferenced) + " of them such",
                     last);
}

std::string finalizer_text(const HeapFinding& found) {
  std::string due = plural(found.finding.count, "object is", "objects are") +
                    " held for finalizers or cleanups that are due";
  if (found.finding.goids.empty()) return due;
  return fmt::format("{}; goroutine {}, which runs them, waits in {}{}", due,
                     found.finding.goids.front(), escape_controls(found.place),
                     found.finding.longest_wait_ns == 0
                         ? ""
                         : " since " + human_duration(found.finding.longest_wait_ns));
}

std::string text_of(const HeapFinding& found) {
  const std::string& rule = found.finding.rule;
  if (rule == "heap/pinned-array") return array_text(found);
  if (rule == "heap/oversized-map") return map_text(found);
  if (found.channels) return channel_text(found);
  if (rule == "heap/finalizer") return finalizer_text(found);
  if (rule == "heap/dead-goroutines")
    return fmt::format("{} of goroutines that have ended, kept for the next ones",
                       plural(found.finding.count, "descriptor"));
  return timer_text(found);
}

}  // namespace

void render_heap_findings(Output& out, const std::vector<HeapFinding>& found,
                          std::uint64_t live_bytes, const TextStyle& style) {
  std::size_t shown = 0, left = 0;
  for (const HeapFinding& one : found) {
    if (is_growth(one)) continue;
    bool of_bytes = one.finding.rule.starts_with("heap/pinned") ||
                    one.finding.rule.starts_with("heap/oversized") || one.channels;
    std::uint64_t bytes = one.finding.cost.retained_bytes.value_or(0);
    bool small = of_bytes && bytes < live_bytes / kLeastShare;
    if (!style.all && (small || shown == kMost)) {
      ++left;
      continue;
    }
    if (shown++ == 0)
      out.write(style.palette.bold("In use and not needed: what mending would give back") + "\n");
    out.write(
        fmt::format("{:>10}  {:>6}  {}\n", human_bytes(bytes), share_text(bytes, live_bytes),
                    style.palette.confidence(one.finding.confidence,
                                             wrap_text(text_of(one), kIndent, style.columns))));
    std::string rule = fmt::format("{} ({}): {}", findings::to_text(one.finding.confidence),
                                   one.finding.rule, one.finding.advice);
    out.write(std::string(kIndent, ' ') +
              style.palette.faint(wrap_text(rule, kIndent, style.columns)) + "\n");
  }
  if (left > 0 && shown > 0)
    out.write(std::string(kIndent, ' ') +
              style.palette.faint(fmt::format("{} more: --all shows them", human_count(left))) +
              "\n");
  if (shown > 0) out.write("\n");
}

}  // namespace goshawk::report
