// A time.Timer or time.Ticker (time/sleep.go, time/tick.go) is an object of its own: its channel,
// and the runtime's timer, which sends to it by time.sendTime. Both words say which channel, and
// the function's name in the pclntab says that nothing else is it; all of this is there in a
// stripped program. Without that name (obfuscated ones) none is found.
//
// One that a thread refers to is left out: it may be about to send the value of a timer that has
// just fired. So is one of whose state nothing can be read.
//
// Only Reset sets an idle one again. It is linked into a program only if something may call it, and
// where it was inlined its name is there too.
#include "goruntime/goroutines/idle_timers.h"

#include <algorithm>
#include <unordered_set>

namespace goshawk::goruntime {

using snapshot::IdleTimer;
using snapshot::kNone;
using snapshot::ObjectId;

namespace {

constexpr std::string_view kSendTime = "time.sendTime";
constexpr std::string_view kResetOfTimer = "time.(*Timer).Reset";
constexpr std::string_view kResetOfTicker = "time.(*Ticker).Reset";

// A bit for each object; empty: nobody waits to receive a time.
std::vector<bool> find_channels(const snapshot::Snapshot& picture, std::uint32_t count) {
  std::vector<bool> channels;
  for (const snapshot::Wait& wait : picture.waits) {
    bool receives = wait.operation == snapshot::WaitOperation::kReceive ||
                    wait.operation == snapshot::WaitOperation::kSelectReceive;
    if (!receives || wait.object == kNone || picture.strings[wait.element_type] != "time.Time")
      continue;
    if (channels.empty()) channels.resize(count);
    channels[wait.object] = true;
  }
  return channels;
}

std::unordered_set<ObjectId> find_held_by_threads(const snapshot::Snapshot& picture) {
  std::unordered_set<ObjectId> held;
  for (const snapshot::Root& root : picture.roots)
    if (root.kind == snapshot::RootKind::kThread) held.insert(root.object);
  return held;
}

class IdleTimerFinder {
 public:
  IdleTimerFinder(PageCache& cache, const Functions& functions, const Heap& heap,
                  const facts::TimerFact& fact, snapshot::Snapshot& picture)
      : cache_(cache),
        functions_(functions),
        heap_(heap),
        fact_(fact),
        picture_(picture),
        held_by_threads_(find_held_by_threads(picture)),
        timers_may_be_set_(functions.has_name(kResetOfTimer)),
        tickers_may_be_set_(functions.has_name(kResetOfTicker)) {}

  // Timers are allocated one by one, in slots of their size class.
  void find(const std::vector<bool>& channels) {
    const snapshot::References& references = picture_.references;
    std::uint64_t bytes = fact_.in_time_timer + fact_.size_bytes;
    for (const snapshot::Span& span : heap_.objects().spans()) {
      if (span.noscan || span.element_size_bytes < bytes || span.element_size_bytes > 2 * bytes)
        continue;
      for (ObjectId object = span.first; object < span.first + span.slots; ++object)
        for (std::uint32_t at = references.rows[object]; at < references.rows[object + 1]; ++at)
          if (ObjectId channel = references.edges[at];
              channel < channels.size() && channels[channel])
            add_if_idle(object, channel);
    }
    std::ranges::sort(picture_.idle_timers, {}, &IdleTimer::object);
    auto repeated = std::ranges::unique(picture_.idle_timers, {}, &IdleTimer::object);
    picture_.idle_timers.erase(repeated.begin(), repeated.end());
  }

 private:
  void add_if_idle(ObjectId object, ObjectId channel) {
    Address at = heap_.objects().address(object), timer = at + fact_.in_time_timer;
    Address sent_to = heap_.objects().address(channel);
    if (cache_.pointer(at) != sent_to || cache_.pointer(timer + fact_.arg + 8) != sent_to ||
        !sends_time(cache_.pointer(timer + fact_.f)) || !fact_.is_idle(cache_, timer) ||
        held_by_threads_.contains(object))
      return;
    auto period = cache_.value<std::int64_t>(timer + fact_.period);
    if (!period) return;
    bool ticks = *period > 0;
    picture_.idle_timers.push_back(
        {.object = object,
         .channel = channel,
         .ticks = ticks,
         .may_be_set_again = ticks ? tickers_may_be_set_ : timers_may_be_set_});
  }

  bool sends_time(Address funcval) {
    FunctionId function = functions_.find(cache_.pointer(funcval));
    return function != kNoFunction && functions_.name(function) == kSendTime;
  }

  PageCache& cache_;
  const Functions& functions_;
  const Heap& heap_;
  const facts::TimerFact& fact_;
  snapshot::Snapshot& picture_;
  std::unordered_set<ObjectId> held_by_threads_;
  bool timers_may_be_set_, tickers_may_be_set_;
};

}  // namespace

void find_idle_timers(PageCache& cache, const Functions& functions, const Heap& heap,
                      const facts::TimerFact& fact, snapshot::Snapshot& picture) {
  std::vector<bool> channels = find_channels(picture, heap.objects().count());
  if (channels.empty()) return;
  IdleTimerFinder(cache, functions, heap, fact, picture).find(channels);
}

}  // namespace goshawk::goruntime
