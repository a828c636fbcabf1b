// Selecting and grouping. Stacks are shared between goroutines, so what depends on a stack alone
// (does a function match?) is decided once for each stack, not for each goroutine.
#include "report/goroutine_selection.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <tuple>
#include <unordered_map>

#include "report/measures.h"

namespace goshawk::report {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::StackId;
using snapshot::Status;
using snapshot::StringId;

Result<NamePattern> NamePattern::compile(const std::string& expression) {
  RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_shared<const RE2>(expression, options);
  if (!compiled->ok())
    return fail(
        Usage{fmt::format("\"{}\" is no Go regular expression: {}", expression, compiled->error()),
              "write it in RE2 syntax, as for Go's regexp package, such as "
              "'net/http\\.|^main\\.'"});
  return NamePattern(std::move(compiled));
}

bool NamePattern::matches(std::string_view name) const {
  return RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *compiled_);
}

namespace {

constexpr std::array<std::pair<Status, std::string_view>, 10> kStatusTexts = {{
    {Status::kIdle, "idle"},
    {Status::kRunnable, "runnable"},
    {Status::kRunning, "running"},
    {Status::kSyscall, "syscall"},
    {Status::kWaiting, "waiting"},
    {Status::kDead, "dead"},
    {Status::kCopystack, "copystack"},
    {Status::kPreempted, "preempted"},
    {Status::kLeaked, "leaked"},
    {Status::kDeadExtra, "waiting for cgo callback"},
}};

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  return !std::ranges::search(text, part, same).empty() || part.empty();
}

class FunctionMatcher {
 public:
  FunctionMatcher(const Snapshot& snapshot, const NamePattern& pattern)
      : snapshot_(snapshot), pattern_(pattern) {}

  bool matches(const Goroutine& goroutine) {
    return frame_matches(goroutine.created_by) || stack_matches(goroutine.stack);
  }

 private:
  bool stack_matches(StackId stack) {
    auto [found, is_new] = stacks_.try_emplace(stack, false);
    if (is_new)
      found->second = std::ranges::any_of(snapshot_.stacks[stack],
                                          [this](FrameId frame) { return frame_matches(frame); });
    return found->second;
  }

  bool frame_matches(FrameId frame) {
    if (frame == snapshot::kNone) return false;
    StringId name = snapshot_.stacks.frame(frame).function;
    auto [found, is_new] = names_.try_emplace(name, false);
    if (is_new) found->second = pattern_.matches(snapshot_.strings[name]);
    return found->second;
  }

  const Snapshot& snapshot_;
  const NamePattern& pattern_;
  std::unordered_map<StackId, bool> stacks_;
  std::unordered_map<StringId, bool> names_;
};

// Sorted, and without overlaps: a list of leaks names a hundred thousand.
std::vector<GoidRange> merge(std::vector<GoidRange> ranges) {
  std::ranges::sort(ranges, {}, &GoidRange::first);
  std::vector<GoidRange> merged;
  for (const GoidRange& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().last)
      merged.back().last = std::max(merged.back().last, range.last);
    else
      merged.push_back(range);
  }
  return merged;
}

bool contains(const std::vector<GoidRange>& merged, std::uint64_t goid) {
  auto after = std::ranges::upper_bound(merged, goid, {}, &GoidRange::first);
  return after != merged.begin() && goid <= std::prev(after)->last;
}

bool has_state(const std::vector<Status>& states, Status status) {
  if (status == Status::kLeaked) status = Status::kWaiting;
  return std::ranges::find(states, status) != states.end();
}

bool passes_facts(const Snapshot& snapshot, const GoroutineFilter& filter, const Goroutine& g) {
  if (g.system && !filter.system && filter.goids.empty()) return false;
  if (!filter.states.empty() && !has_state(filter.states, g.status)) return false;
  if (!filter.wait_reason.empty() &&
      !contains_ignoring_case(snapshot.strings[g.wait_reason], filter.wait_reason))
    return false;
  if (filter.min_age_ns && g.wait_ns < *filter.min_age_ns) return false;
  return !filter.max_age_ns || g.wait_ns <= *filter.max_age_ns;
}

// Frames are compared by what they say: two of the same place need not have the same number.
std::tuple<StringId, StringId, std::uint32_t> place_key(const Snapshot& snapshot, FrameId frame) {
  if (frame == snapshot::kNone) return {snapshot::kNone, snapshot::kNone, 0};
  const snapshot::Frame& found = snapshot.stacks.frame(frame);
  return {found.function, found.file, found.line};
}

std::vector<std::pair<StringId, StringId>> label_key(const Snapshot& snapshot, const Goroutine& g) {
  std::vector<std::pair<StringId, StringId>> key;
  for (std::uint32_t i = 0; i < g.label_count; ++i) {
    const snapshot::Label& label = snapshot.labels[g.first_label + i];
    key.emplace_back(label.key, label.value);
  }
  std::ranges::sort(key);
  return key;
}

}  // namespace

std::string_view status_text(Status status) {
  for (const auto& [value, text] : kStatusTexts)
    if (value == status) return text;
  return "???";
}

const std::vector<std::string_view>& state_names() {
  static const std::vector<std::string_view> kNames = {"running", "runnable",  "waiting",
                                                       "syscall", "preempted", "copystack"};
  return kNames;
}

std::optional<Status> find_state(std::string_view name) {
  if (std::ranges::find(state_names(), name) == state_names().end()) return std::nullopt;
  for (const auto& [value, text] : kStatusTexts)
    if (text == name) return value;
  return std::nullopt;
}

std::string_view state_text(const Snapshot& snapshot, const Goroutine& goroutine) {
  bool waits = goroutine.status == Status::kWaiting || goroutine.status == Status::kLeaked;
  std::string_view reason = snapshot.strings[goroutine.wait_reason];
  return waits && !reason.empty() ? reason : status_text(goroutine.status);
}

Selection select_goroutines(const Snapshot& snapshot, const GoroutineFilter& filter) {
  std::optional<FunctionMatcher> functions;
  if (filter.function) functions.emplace(snapshot, *filter.function);
  std::vector<GoidRange> goids = merge(filter.goids);
  Selection selection;
  for (std::uint32_t i = 0; i < snapshot.goroutines.size(); ++i) {
    const Goroutine& goroutine = snapshot.goroutines[i];
    if (!goids.empty() && !contains(goids, goroutine.goid)) continue;
    if (!passes_facts(snapshot, filter, goroutine)) continue;
    if (functions && !functions->matches(goroutine)) continue;
    selection.push_back(i);
  }
  return selection;
}

std::vector<GoidRange> find_missing_goids(const Snapshot& snapshot, const GoroutineFilter& filter) {
  std::vector<std::uint64_t> there;
  for (const Goroutine& goroutine : snapshot.goroutines) there.push_back(goroutine.goid);
  std::ranges::sort(there);
  std::vector<GoidRange> missing;
  for (const GoidRange& range : merge(filter.goids)) {
    auto found = std::ranges::lower_bound(there, range.first);
    if (found == there.end() || *found > range.last) missing.push_back(range);
  }
  return missing;
}

std::string unknown_ages_note(const Snapshot& snapshot, const GoroutineFilter& filter) {
  if (!filter.min_age_ns && !filter.max_age_ns) return "";
  GoroutineFilter without_ages = filter;
  without_ages.min_age_ns = without_ages.max_age_ns = std::nullopt;
  std::uint64_t unknown = 0;
  for (std::uint32_t index : select_goroutines(snapshot, without_ages))
    if (const Goroutine& g = snapshot.goroutines[index];
        g.wait_ns == 0 && has_state({Status::kWaiting, Status::kSyscall}, g.status))
      ++unknown;
  if (unknown == 0) return "";
  return fmt::format(
      "{} for an unknown time and {} {}: the runtime notes when a wait began at its first "
      "collection after that",
      plural(unknown, "goroutine waits", "goroutines wait"), unknown == 1 ? "is" : "are",
      filter.min_age_ns ? "not among these" : "among these all the same");
}

std::vector<GoroutineGroup> group_goroutines(const Snapshot& snapshot, const Selection& selection) {
  using Key = std::tuple<StackId, std::tuple<StringId, StringId, std::uint32_t>,
                         std::vector<std::pair<StringId, StringId>>>;
  std::map<Key, std::size_t> numbers;
  // Few differ in these: the key above is made once for each such four.
  std::map<std::array<std::uint32_t, 4>, std::size_t> known;
  std::vector<GoroutineGroup> groups;
  for (std::uint32_t index : selection) {
    const Goroutine& g = snapshot.goroutines[index];
    std::uint32_t labels = g.label_count == 0 ? 0 : g.first_label;
    auto [place, unseen] = known.try_emplace({g.stack, g.created_by, labels, g.label_count}, 0);
    if (unseen) {
      Key key{g.stack, place_key(snapshot, g.created_by), label_key(snapshot, g)};
      auto [found, is_new] = numbers.try_emplace(std::move(key), groups.size());
      if (is_new) groups.push_back({index, {}});
      place->second = found->second;
    }
    groups[place->second].members.push_back(index);
  }
  std::ranges::stable_sort(groups, std::greater(),
                           [](const GoroutineGroup& g) { return g.members.size(); });
  return groups;
}

std::vector<FrameId> visible_frames(const Snapshot& snapshot, StackId stack) {
  std::span<const FrameId> all = snapshot.stacks[stack];
  std::vector<FrameId> visible;
  for (FrameId frame : all)
    if (!snapshot.stacks.frame(frame).hidden) visible.push_back(frame);
  if (visible.empty()) visible.assign(all.begin(), all.end());
  return visible;
}

}  // namespace goshawk::report
