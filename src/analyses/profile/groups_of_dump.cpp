// Equal stacks have one number already; with the state they make a group.
#include "analyses/profile/groups_of_dump.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "findings/function_name.h"

namespace goshawk::analyses::profile {

using dumps::Dump;
using dumps::Dumps;
using dumps::Goroutine;
using findings::CodePlace;

namespace {

constexpr std::uint64_t kMainGoroutine = 1;
constexpr std::size_t kMostLabels = 8;

CodePlace place_of(const Dumps& dumps, dumps::FrameId id) {
  if (id == dumps::kNone) return {};
  const dumps::Frame& frame = dumps.tables.frame(id);
  return {std::string(dumps.text(frame.function)), std::string(dumps.text(frame.file)), frame.line,
          0};
}

StackGroup begin_group(const Dumps& dumps, const Goroutine& goroutine) {
  const dumps::Stack& stack = dumps.tables.stack(goroutine.stack);
  StackGroup group{.created_by = place_of(dumps, stack.creator),
                   .state = std::string(dumps.text(goroutine.state)),
                   .is_main = goroutine.goid == kMainGoroutine,
                   .leaked = goroutine.leaked,
                   .elided = stack.elided_after != dumps::kNone,
                   .stack_unavailable = goroutine.unavailable};
  for (dumps::FrameId frame : dumps.tables.frames_of(goroutine.stack))
    group.frames.push_back(place_of(dumps, frame));
  return group;
}

void add_label(StackGroup& group, std::string_view labels) {
  if (labels.empty() || group.labels.size() >= kMostLabels) return;
  if (std::ranges::find(group.labels, labels) == group.labels.end())
    group.labels.emplace_back(labels);
}

}  // namespace

StackGroups group_goroutines(const Dumps& dumps, const Dump& dump) {
  auto members = dumps.goroutines_of(dump);
  std::vector<std::uint64_t> goids;
  for (const Goroutine& goroutine : members) goids.push_back(goroutine.goid);
  std::ranges::sort(goids);

  using Key = std::tuple<dumps::StackId, dumps::TextId, bool, bool>;
  std::map<Key, std::size_t> numbers;
  StackGroups result;
  result.goroutines = dump.count;
  result.not_read = dump.damaged;
  result.tells_states = true;
  for (const Goroutine& goroutine : members) {
    bool is_main = goroutine.goid == kMainGoroutine;
    auto [found, is_new] = numbers.try_emplace(
        Key{goroutine.stack, goroutine.state, goroutine.leaked, is_main}, result.groups.size());
    if (is_new) result.groups.push_back(begin_group(dumps, goroutine));
    StackGroup& group = result.groups[found->second];
    ++group.count;
    group.goids.push_back(goroutine.goid);
    if (goroutine.wait_minutes > 0) group.wait_minutes.push_back(goroutine.wait_minutes);
    add_label(group, dumps.text(goroutine.labels));
    if (goroutine.creator_goid == 0 || dump.damaged > 0) continue;  // it may be one of those
    ++group.creator_told;
    group.creator_gone += !std::ranges::binary_search(goids, goroutine.creator_goid);
  }
  for (StackGroup& group : result.groups) {
    std::ranges::sort(group.goids);
    std::ranges::sort(group.wait_minutes);
    result.tells_waits = result.tells_waits || !group.wait_minutes.empty();
  }
  std::ranges::stable_sort(result.groups, std::greater(), &StackGroup::count);
  return result;
}

}  // namespace goshawk::analyses::profile
