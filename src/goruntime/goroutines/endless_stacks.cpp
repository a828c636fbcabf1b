// A goroutine never ends if one of the functions on its stack never returns (endless_code.h). The
// outermost such function is told: what it calls may return as it likes. Those farther out are
// never come back to, so that only a panic that they catch could end them.
//
// Only who goes on by itself is asked: it runs, sleeps, or waits for time or the network. Who waits
// for others ends with the wait, or is asked about by who can reach it. And only of test binaries,
// of whose tests it can be said that they should have ended what they began: elsewhere a loop
// without an exit is what a server consists of.
#include "goruntime/goroutines/endless_stacks.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "goruntime/goroutines/endless_code.h"

namespace goshawk::goruntime {

using snapshot::Frame;
using snapshot::FrameId;
using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::Snapshot;
using snapshot::Status;
using snapshot::Wait;
using snapshot::WaitKind;

namespace {

constexpr std::uint64_t kMainGoroutine = 1;  // which runs examples

class EndlessStackFinder {
 public:
  EndlessStackFinder(const target::Memory& memory, const Functions& functions, bool is_arm64,
                     Snapshot& picture)
      : functions_(functions), picture_(picture), code_(memory, functions, is_arm64) {
    for (const snapshot::PendingTimer& timer : picture.pending_timers)
      if (timer.sends_time && timer.argument != kNone) timed_.insert(timer.argument);
    for (const Goroutine& goroutine : picture.goroutines) living_.insert(goroutine.goid);
  }

  void find() {
    std::unordered_set<snapshot::StackId> seen;
    for (const Goroutine& goroutine : picture_.goroutines) {
      if (!is_asked(goroutine) || !seen.insert(goroutine.stack).second) continue;
      FrameId frame = find_on(goroutine);
      if (frame != kNone) picture_.endless_stacks.push_back({goroutine.stack, frame});
    }
    std::ranges::sort(picture_.endless_stacks, {}, &snapshot::EndlessStack::stack);
  }

 private:
  bool is_asked(const Goroutine& goroutine) const {
    if (goroutine.system || !goroutine.stack_complete || goroutine.in_cgo_callback ||
        goroutine.doubt != kNone || goroutine.creator_goid == 0)
      return false;
    bool may_have_lost_its_starter =
        goroutine.creator_goid == kMainGoroutine || !living_.contains(goroutine.creator_goid);
    return may_have_lost_its_starter && goes_on_by_itself(goroutine);
  }

  bool goes_on_by_itself(const Goroutine& goroutine) const {
    switch (goroutine.status) {
      case Status::kRunnable:
      case Status::kRunning:
      case Status::kSyscall:
      case Status::kPreempted:
        return true;
      case Status::kWaiting:
        break;
      default:
        return false;
    }
    if (goroutine.wait_kind == WaitKind::kSleep || goroutine.wait_kind == WaitKind::kIo)
      return true;
    bool for_channel =
        goroutine.wait_kind == WaitKind::kChanReceive || goroutine.wait_kind == WaitKind::kSelect;
    return for_channel && waits_for_time_only(goroutine);
  }

  bool waits_for_time_only(const Goroutine& goroutine) const {
    std::span<const Wait> waits =
        std::span(picture_.waits).subspan(goroutine.first_wait, goroutine.wait_count);
    return goroutine.waits_complete && !waits.empty() &&
           std::ranges::all_of(waits,
                               [&](const Wait& wait) { return timed_.contains(wait.object); });
  }

  struct Place {
    FrameId frame = kNone;
    FunctionId function = kNoFunction;
  };

  // From outermost on in, of the machine's frames.
  FrameId find_on(const Goroutine& goroutine) {
    std::vector<Place> inwards;
    for (FrameId id : picture_.stacks[goroutine.stack]) {
      const Frame& frame = picture_.stacks.frame(id);
      if (frame.inlined) continue;
      FunctionId function = functions_.find(frame.pc - frame.entry_offset);
      if (function == kNoFunction) return kNone;
      inwards.push_back({id, function});
    }
    std::ranges::reverse(inwards);
    bool receives =
        goroutine.status == Status::kWaiting && goroutine.wait_kind == WaitKind::kChanReceive;
    for (std::size_t i = 0; i < inwards.size(); ++i) {
      auto [id, function] = inwards[i];
      std::string_view name = functions_.name(function);
      if (name == "runtime.goexit") continue;
      if (name.starts_with("runtime.") || code_.may_recover(function)) return kNone;
      bool is_receive = receives && i + 1 < inwards.size() &&
                        functions_.name(inwards[i + 1].function) == "runtime.chanrecv2";
      if (!code_.never_returns(function, picture_.stacks.frame(id).pc, is_receive)) continue;
      std::vector<FunctionId> from_here;
      for (std::size_t k = i; k < inwards.size(); ++k) from_here.push_back(inwards[k].function);
      return code_.may_exit(from_here) ? kNone : id;
    }
    return kNone;
  }

  const Functions& functions_;
  Snapshot& picture_;
  EndlessCode code_;
  std::unordered_set<snapshot::ObjectId> timed_;  // channels to which a timer sends
  std::unordered_set<std::uint64_t> living_;      // goids
};

}  // namespace

bool is_test_binary(const Functions& functions) { return functions.has_name("testing.(*M).Run"); }

void find_endless_stacks(const target::Memory& memory, const Functions& functions, bool is_arm64,
                         Snapshot& picture) {
  EndlessStackFinder(memory, functions, is_arm64, picture).find();
}

}  // namespace goshawk::goruntime
