// A timer that nothing but the runtime's heap of timers leads to, nor to the channel that it sends
// on: nobody can stop it, and nobody will receive. It stays until it fires, with what it holds; a
// ticker for ever. Until Go 1.22 this is what a forgotten ticker and time.After in a loop leave
// behind. Since 1.23 a channel's timer is in that heap only while somebody waits for it, so that
// none such is found; with the old timers (GODEBUG=asynctimerchan=1, or a go.mod before 1.23) it
// is: each timer is judged by where it is, not by the release.
//
// Timers are told by what they call. What they hold is what would not be reached without them, each
// byte once: shared by two kinds it counts for the one with more timers.
#include "analyses/heap/timers.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "analyses/heap/live_objects.h"
#include "findings/heap_holders.h"

namespace goshawk::analyses::heap {

using findings::Confidence;
using findings::HeapFinding;
using snapshot::kNone;
using snapshot::ObjectId;
using snapshot::PendingTimer;
using snapshot::Snapshot;

namespace {

constexpr std::uint64_t kFewTickers = 10;  // forgotten ones: fewer are not worth a word
constexpr std::uint64_t kFewTimers = 100, kManyTimers = 1000;

constexpr std::string_view kAfter = "timer/after-in-loop", kTicker = "timer/unstopped-ticker";

struct Group {
  std::vector<ObjectId> objects;  // timers, channels, closures
  std::uint64_t count = 0, unreferenced = 0;
  std::int64_t longest_ns = 0;
  ObjectId example = kNone;
};

class TimerSearch {
 public:
  explicit TimerSearch(const Snapshot& snapshot)
      : snapshot_(snapshot),
        without_(mark_live_objects(snapshot, snapshot::RootKind::kTimer)),
        more_(snapshot, without_) {}

  std::vector<HeapFinding> find() {
    // By function, and whether it ticks.
    std::map<std::pair<snapshot::StringId, bool>, Group> groups;
    for (const PendingTimer& timer : snapshot_.pending_timers)
      add(timer, groups[{timer.function, timer.period_ns > 0}]);
    std::vector<std::pair<std::pair<snapshot::StringId, bool>, Group*>> by_count;
    for (auto& [key, group] : groups) by_count.emplace_back(key, &group);
    std::ranges::stable_sort(by_count, std::ranges::greater{},
                             [](const auto& one) { return one.second->count; });
    std::vector<HeapFinding> found;
    for (auto& [key, group] : by_count) {
      std::uint64_t bytes = more_.reach_from(group->objects);
      std::string_view function = snapshot_.strings[key.first];
      if (auto finding = judge(function, key.second, *group, bytes))
        found.push_back(*std::move(finding));
    }
    return found;
  }

 private:
  void add(const PendingTimer& timer, Group& group) const {
    ++group.count;
    group.longest_ns = std::max(group.longest_ns, timer.fires_in_ns);
    auto is_reached = [&](ObjectId object) {
      return object != kNone && without_.is_marked(object);
    };
    if (timer.object != kNone && !is_reached(timer.object) && !is_reached(timer.argument)) {
      ++group.unreferenced;
      if (group.example == kNone) group.example = timer.object;
    }
    for (ObjectId object : {timer.object, timer.argument})
      if (object != kNone) group.objects.push_back(object);
  }

  std::optional<HeapFinding> judge(std::string_view function, bool ticks, const Group& group,
                                   std::uint64_t bytes) const {
    bool sends_time = function == "time.sendTime";
    bool forgotten = sends_time && group.unreferenced >= (ticks ? kFewTickers : kFewTimers);
    bool many_calls = !sends_time && !ticks && group.count >= kManyTimers;
    if (!forgotten && !many_calls) return std::nullopt;
    HeapFinding found;
    found.finding.rule = ticks ? kTicker : kAfter;
    bool sure = forgotten && (ticks || group.unreferenced >= kManyTimers);
    found.finding.confidence = sure ? Confidence::kLikely : Confidence::kSuspected;
    found.finding.count = group.count;
    found.finding.cost.retained_bytes = bytes;
    found.finding.advice = advice(sends_time, ticks);
    found.place = sends_time ? "" : std::string(function);
    found.type = !sends_time ? "" : ticks ? "time.Ticker" : "time.Timer";
    found.total_bytes = bytes;
    found.longest_ns = group.longest_ns;
    if (sends_time) found.unreferenced = group.unreferenced;
    if (group.example != kNone) found.address = snapshot_.objects.address(group.example).value();
    found.finding.fingerprint =
        findings::compute_holder_fingerprint(found.finding.rule, found.type + found.place);
    return found;
  }

  static std::string_view advice(bool sends_time, bool ticks) {
    if (ticks) return "defer ticker.Stop() where it is made; since Go 1.23 the collector frees it";
    if (sends_time)
      return "instead of time.After in a loop: one time.NewTimer with Stop and Reset, or a context "
             "with a timeout; since Go 1.23 the collector frees them";
    return "Stop what time.AfterFunc returned once it is not needed";
  }

  const Snapshot& snapshot_;
  graph::Reachability without_;
  MoreReached more_;
};

}  // namespace

std::vector<HeapFinding> find_timers(const Snapshot& snapshot) {
  if (snapshot.pending_timers.size() < kFewTickers) return {};
  return TimerSearch(snapshot).find();
}

}  // namespace goshawk::analyses::heap
