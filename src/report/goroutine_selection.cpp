// Selecting and grouping. Stacks are shared between goroutines, so what depends on a stack alone
// (does a function match?) is decided once for each stack, not for each goroutine.
#include "report/goroutine_selection.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace goshawk::report {

using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::StackId;
using snapshot::Status;
using snapshot::StringId;

struct NamePattern::Compiled {
  regex_t expression;
  ~Compiled() { ::regfree(&expression); }
};

Result<NamePattern> NamePattern::compile(const std::string& expression) {
  regex_t compiled;
  int error = ::regcomp(&compiled, expression.c_str(), REG_EXTENDED | REG_NOSUB);
  if (error != 0) {
    std::array<char, 256> text{};
    ::regerror(error, &compiled, text.data(), text.size());
    return fail(Usage{"\"" + expression + "\" is no regular expression: " + text.data(),
                      "write a POSIX extended one, such as 'net/http\\.|^main\\.'"});
  }
  return NamePattern(std::shared_ptr<const Compiled>(new Compiled{compiled}));
}

bool NamePattern::matches(std::string_view name) const {
  regmatch_t bounds{};
  bounds.rm_eo = static_cast<regoff_t>(name.size());
  const char* text = name.data();  // NOLINT(*-stringview-data-usage): REG_STARTEND bounds it
  return ::regexec(&compiled_->expression, text, 1, &bounds, REG_STARTEND) == 0;
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

bool passes_facts(const Snapshot& snapshot, const GoroutineFilter& filter, const Goroutine& g) {
  if (g.system && !filter.system) return false;
  if (!filter.states.empty() && std::ranges::find(filter.states, g.status) == filter.states.end())
    return false;
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

std::optional<Status> find_status(std::string_view text) {
  for (const auto& [value, name] : kStatusTexts)
    if (name == text) return value;
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
  std::unordered_set<std::uint64_t> goids(filter.goids.begin(), filter.goids.end());
  Selection selection;
  for (std::uint32_t i = 0; i < snapshot.goroutines.size(); ++i) {
    const Goroutine& goroutine = snapshot.goroutines[i];
    if (!goids.empty() && !goids.contains(goroutine.goid)) continue;
    if (!passes_facts(snapshot, filter, goroutine)) continue;
    if (functions && !functions->matches(goroutine)) continue;
    selection.push_back(i);
  }
  return selection;
}

std::vector<GoroutineGroup> group_goroutines(const Snapshot& snapshot, const Selection& selection) {
  using Key = std::tuple<StackId, std::tuple<StringId, StringId, std::uint32_t>,
                         std::vector<std::pair<StringId, StringId>>>;
  std::map<Key, std::size_t> numbers;
  std::vector<GoroutineGroup> groups;
  for (std::uint32_t index : selection) {
    const Goroutine& g = snapshot.goroutines[index];
    Key key{g.stack, place_key(snapshot, g.created_by), label_key(snapshot, g)};
    auto [found, is_new] = numbers.try_emplace(std::move(key), groups.size());
    if (is_new) groups.push_back({index, {}});
    groups[found->second].members.push_back(index);
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
