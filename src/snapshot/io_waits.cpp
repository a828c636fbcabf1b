// Both ends of a connection are told where they are known; of what listens, or has no other end
// that could be known, our own.
#include "snapshot/io_waits.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace goshawk::snapshot {
namespace {

constexpr std::size_t kShownEnds = 3;

const IoWait* find(const Snapshot& snapshot, std::uint64_t goid) {
  auto found = std::ranges::lower_bound(snapshot.io_waits, goid, {}, &IoWait::goid);
  return found != snapshot.io_waits.end() && found->goid == goid ? &*found : nullptr;
}

bool is_in_io_wait(const Snapshot& snapshot, std::uint64_t goid) {
  auto found = std::ranges::lower_bound(snapshot.goroutines, goid, {}, &Goroutine::goid);
  return found != snapshot.goroutines.end() && found->goid == goid &&
         found->wait_kind == WaitKind::kIo;
}

void count_ends(std::map<std::string, std::uint64_t>&& ends, IoSummary& into) {
  into.ends.assign(ends.begin(), ends.end());
  std::ranges::stable_sort(into.ends, std::greater(), [](const auto& end) { return end.second; });
}

}  // namespace

const IoWait* find_io_wait(const Snapshot& snapshot, std::uint64_t goid) {
  return is_in_io_wait(snapshot, goid) ? find(snapshot, goid) : nullptr;
}

const IoWait* find_kept_connection(const Snapshot& snapshot, std::uint64_t goid) {
  return is_in_io_wait(snapshot, goid) ? nullptr : find(snapshot, goid);
}

std::string name_end(const Snapshot& snapshot, const IoWait& wait) {
  if (wait.protocol == kNone) return {};
  std::string_view protocol = snapshot.strings[wait.protocol];
  std::string_view end = snapshot.strings[wait.remote != kNone ? wait.remote : wait.local];
  if (end.empty()) {
    bool socket = protocol == "tcp" || protocol == "udp" || protocol == "unix";
    return fmt::format("a {}{}", protocol, socket ? " socket" : "");
  }
  return fmt::format("{} {}{}", protocol, end, wait.listens ? " (listening)" : "");
}

IoSummary summarize_io_waits(const Snapshot& snapshot, std::span<const std::uint64_t> goids) {
  IoSummary summary;
  std::map<std::string, std::uint64_t> ends;
  for (std::uint64_t goid : goids) {
    if (!is_in_io_wait(snapshot, goid)) continue;
    const IoWait* wait = find_io_wait(snapshot, goid);
    ++(wait == nullptr                      ? summary.not_told
       : wait->deadline == Deadline::kUnset ? summary.without_deadline
                                            : summary.with_deadline);
    if (wait == nullptr) continue;
    if (std::string end = name_end(snapshot, *wait); !end.empty()) ++ends[std::move(end)];
  }
  count_ends(std::move(ends), summary);
  return summary;
}

IoSummary summarize_kept_connections(const Snapshot& snapshot,
                                     std::span<const std::uint64_t> goids) {
  IoSummary summary;
  std::map<std::string, std::uint64_t> ends;
  for (std::uint64_t goid : goids)
    if (const IoWait* kept = find_kept_connection(snapshot, goid))
      if (std::string end = name_end(snapshot, *kept); !end.empty()) ++ends[std::move(end)];
  count_ends(std::move(ends), summary);
  return summary;
}

std::string describe_deadlines(const IoSummary& summary) {
  std::uint64_t told = summary.without_deadline + summary.with_deadline;
  if (told == 0) return {};
  std::string text;
  if (summary.with_deadline == 0)
    text = told == 1 ? "it has no deadline" : "none has a deadline";
  else if (summary.without_deadline == 0)
    text = told == 1 ? "it has a deadline" : "each has a deadline";
  else
    text = fmt::format("{} of {} {} no deadline", summary.without_deadline, told,
                       summary.without_deadline == 1 ? "has" : "have");
  if (summary.not_told > 0) text += fmt::format("; of {} more it is not known", summary.not_told);
  return text;
}

std::string describe_ends(const IoSummary& summary) {
  std::string text;
  std::size_t shown = summary.ends.size() <= kShownEnds + 1 ? summary.ends.size() : kShownEnds;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [end, count] = summary.ends[i];
    text += i == 0 ? "" : i + 1 == summary.ends.size() ? " and " : ", ";
    text += count == 1 ? end : fmt::format("{} ({})", end, count);
  }
  if (shown < summary.ends.size())
    text += fmt::format(" and {} others", summary.ends.size() - shown);
  return text;
}

}  // namespace goshawk::snapshot
