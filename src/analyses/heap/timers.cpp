// A timer that nothing but the runtime's heap of timers leads to, nor to the channel that it sends
// on: nobody can stop it, and nobody will receive. It stays until it fires, with what it holds; a
// ticker for ever. Until Go 1.22 this is what a forgotten ticker and time.After in a loop leave
// behind. Since 1.23 a channel's timer is in that heap only while somebody waits for it, so that
// none such is found; with the old timers (GODEBUG=asynctimerchan=1, or a go.mod before 1.23) it
// is: each timer is judged by where it is, not by the release.
//
// Timers are told by what they call, and by the lines of code that made those of them that the
// program's own runtime has sampled. What a weak pointer leads to can be had by it, and stopped.
// What they hold is what would not be reached without them, each byte once: shared by two kinds it
// counts for functions first, then for the one with more timers.
#include "analyses/heap/timers.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "analyses/heap/allocated_in.h"
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
  std::string_view function;
  bool ticks = false;
  std::vector<const PendingTimer*> timers;
  // Once what functions lead to is known:
  std::uint64_t bytes = 0, unreferenced = 0;
  std::int64_t longest_ns = 0;
  ObjectId example = kNone;
  std::vector<findings::AllocatedIn> created_in = {};

  bool sends_time() const { return function == "time.sendTime"; }
};

class TimerSearch {
 public:
  explicit TimerSearch(const Snapshot& snapshot)
      : snapshot_(snapshot),
        without_(mark_live_objects(snapshot, snapshot::RootKind::kTimer)),
        more_(snapshot, without_),
        weakly_(snapshot, without_) {
    std::vector<ObjectId> targets;
    for (const snapshot::References::Extra& handle : snapshot.references.extra)
      targets.push_back(handle.to);
    weakly_.reach_from(targets);
  }

  // Functions first: one of them may stop a ticker that nobody else has.
  FoundTimers find() {
    std::vector<Group> groups = group();
    std::ranges::stable_sort(groups, [](const Group& a, const Group& b) {
      return std::pair(a.sends_time(), b.timers.size()) <
             std::pair(b.sends_time(), a.timers.size());
    });
    for (Group& one : groups) measure(one);
    std::ranges::stable_sort(groups, std::ranges::greater{},
                             [](const Group& one) { return one.timers.size(); });
    FoundTimers found;
    for (const Group& one : groups) {
      auto finding = judge(one);
      found.lines.push_back(line_of(one));
      found.lines.back().has_finding = finding.has_value();
      if (finding) found.findings.push_back(*std::move(finding));
    }
    std::ranges::stable_sort(found.lines, std::ranges::greater{}, &findings::TimerLine::bytes);
    return found;
  }

 private:
  // By function, and whether it ticks.
  std::vector<Group> group() const {
    std::map<std::pair<snapshot::StringId, bool>, Group> groups;
    for (const PendingTimer& timer : snapshot_.pending_timers)
      groups[{timer.function, timer.period_ns > 0}].timers.push_back(&timer);
    std::vector<Group> all;
    for (auto& [key, one] : groups) {
      one.function = snapshot_.strings[key.first];
      one.ticks = key.second;
      all.push_back(std::move(one));
    }
    return all;
  }

  void measure(Group& group) {
    std::vector<ObjectId> objects;
    auto is_reached = [&](ObjectId object) {
      return object != kNone && (more_.is_reached(object) || weakly_.is_reached(object));
    };
    for (const PendingTimer* timer : group.timers) {
      group.longest_ns = std::max(group.longest_ns, timer->fires_in_ns);
      if (timer->object != kNone && !is_reached(timer->object) && !is_reached(timer->argument)) {
        ++group.unreferenced;
        if (group.example == kNone) group.example = timer->object;
      }
      for (ObjectId object : {timer->object, timer->argument})
        if (object != kNone) objects.push_back(object);
    }
    group.bytes = more_.reach_from(objects);
    group.created_in = add_up_allocating_lines(snapshot_, samples_of(group));
  }

  // Of the timers, and of the channels that they send on: what a function is given may have been
  // made anywhere.
  std::vector<std::uint32_t> samples_of(const Group& group) const {
    const std::vector<snapshot::SampledObject>& sampled = snapshot_.allocations.sampled;
    std::vector<std::uint32_t> samples;
    auto add = [&](ObjectId object) {
      auto found = std::ranges::lower_bound(sampled, object, {}, &snapshot::SampledObject::object);
      for (; found != sampled.end() && found->object == object; ++found)
        samples.push_back(static_cast<std::uint32_t>(found - sampled.begin()));
    };
    for (const PendingTimer* timer : group.timers) {
      if (timer->object != kNone) add(timer->object);
      if (group.sends_time() && timer->argument != kNone) add(timer->argument);
    }
    std::ranges::sort(samples);
    samples.erase(std::ranges::unique(samples).begin(), samples.end());
    return samples;
  }

  static findings::TimerLine line_of(const Group& group) {
    findings::TimerLine line;
    line.function = group.function;
    line.sends_time = group.sends_time();
    line.ticks = group.ticks;
    line.timers = group.timers.size();
    line.bytes = group.bytes;
    line.longest_ns = group.longest_ns;
    line.created_in = group.created_in;
    return line;
  }

  static std::string_view advice(bool sends_time, bool ticks) {
    if (ticks)
      return "defer ticker.Stop() where it is made; with go 1.23 in go.mod the collector frees it";
    if (sends_time)
      return "instead of time.After in a loop: one time.NewTimer with Stop and Reset, or a context "
             "with a timeout; with go 1.23 in go.mod the collector frees them";
    return "Stop what time.AfterFunc returned once it is not needed";
  }

  std::optional<HeapFinding> judge(const Group& group) const {
    bool sends_time = group.sends_time(), ticks = group.ticks;
    std::uint64_t count = group.timers.size();
    bool forgotten = sends_time && group.unreferenced >= (ticks ? kFewTickers : kFewTimers);
    bool many_calls = !sends_time && !ticks && count >= kManyTimers;
    if (!forgotten && !many_calls) return std::nullopt;
    HeapFinding found;
    found.finding.rule = ticks ? kTicker : kAfter;
    bool sure = forgotten && (ticks || group.unreferenced >= kManyTimers);
    found.finding.confidence = sure ? Confidence::kLikely : Confidence::kSuspected;
    found.finding.count = count;
    found.finding.cost.retained_bytes = group.bytes;
    found.finding.advice = advice(sends_time, ticks);
    found.place = sends_time ? "" : std::string(group.function);
    found.type = !sends_time ? "" : ticks ? "time.Ticker" : "time.Timer";
    found.total_bytes = group.bytes;
    found.longest_ns = group.longest_ns;
    found.created_in = group.created_in;
    if (sends_time) found.unreferenced = group.unreferenced;
    if (group.example != kNone) found.address = snapshot_.objects.address(group.example).value();
    found.finding.fingerprint =
        findings::compute_holder_fingerprint(found.finding.rule, found.type + found.place);
    return found;
  }

  const Snapshot& snapshot_;
  graph::Reachability without_;
  MoreReached more_;
  MoreReached weakly_;  // whoever has the pointers: that costs nothing but a forgotten one
};

}  // namespace

FoundTimers find_timers(const Snapshot& snapshot) {
  if (snapshot.pending_timers.size() < kFewTickers) return {};
  return TimerSearch(snapshot).find();
}

}  // namespace goshawk::analyses::heap
