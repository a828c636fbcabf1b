// Follows time/sleep.go: a timer of package time calls sendTime with a channel, or goFunc with the
// function that time.AfterFunc was given; whatever else a timer calls is the runtime's or another
// package's own.
#include "goruntime/goroutines/pending_timers.h"

#include <algorithm>
#include <vector>

namespace goshawk::goruntime {

using snapshot::PendingTimer;

namespace {

class TimerReader {
 public:
  TimerReader(PageCache& cache, const Functions& functions, const Heap& heap,
              const facts::TimerFact& fact, snapshot::Strings& strings)
      : cache_(cache), functions_(functions), heap_(heap), fact_(fact), strings_(strings) {}

  PendingTimer read(Address timer, std::optional<std::int64_t> now_ns) {
    PendingTimer read;
    if (auto object = heap_.find(timer)) read.object = *object;
    Address argument = cache_.pointer(timer + fact_.arg + 8);
    if (auto object = heap_.find(argument)) read.argument = *object;
    std::string_view function = name_of(cache_.pointer(timer + fact_.f));
    read.sends_time = function == "time.sendTime";
    if (function == "time.goFunc") function = name_of(argument);
    if (!function.empty()) read.function = strings_.intern(function);
    read.period_ns =
        std::max<std::int64_t>(0, cache_.value<std::int64_t>(timer + fact_.period).value_or(0));
    std::int64_t when = cache_.value<std::int64_t>(timer + fact_.when).value_or(0);
    if (now_ns && when > *now_ns) read.fires_in_ns = when - *now_ns;
    return read;
  }

 private:
  // Of a func value, whose first word is where its code begins.
  std::string_view name_of(Address funcval) {
    if (funcval.is_null()) return "";
    FunctionId function = functions_.find(cache_.pointer(funcval));
    return function == kNoFunction ? "" : functions_.name(function);
  }

  PageCache& cache_;
  const Functions& functions_;
  const Heap& heap_;
  const facts::TimerFact& fact_;
  snapshot::Strings& strings_;
};

}  // namespace

void read_pending_timers(PageCache& cache, const Functions& functions, const Heap& heap,
                         const facts::TimerFact& fact, std::optional<std::int64_t> now_ns,
                         snapshot::Snapshot& picture) {
  std::vector<Address> timers;
  for (const snapshot::Root& root : picture.roots)
    if (root.kind == snapshot::RootKind::kTimer) timers.push_back(root.source);
  std::ranges::sort(timers);
  timers.erase(std::ranges::unique(timers).begin(), timers.end());
  TimerReader reader(cache, functions, heap, fact, picture.strings);
  for (Address timer : timers) picture.pending_timers.push_back(reader.read(timer, now_ns));
}

}  // namespace goshawk::goruntime
