// The state says it, in words that have changed: up to Go 1.19 locks and WaitGroups are all
// "semacquire", since 1.24 what is in a bubble of testing/synctest has "(synctest)" behind it. What
// the state leaves open, or where none is told (profiles), the functions of the runtime and of sync
// say, which have kept their names.
// Follows runtime/runtime2.go (waitReasonStrings), runtime/traceback.go (gStatusStrings).
#include "analyses/profile/waits.h"

#include <algorithm>
#include <array>
#include <utility>

#include "findings/function_name.h"

namespace goshawk::analyses::profile {

using findings::CodePlace;

namespace {

using Row = std::pair<std::string_view, WaitFor>;

constexpr auto kByState = std::to_array<Row>({
    {"chan receive", WaitFor::kReceive},
    {"chan send", WaitFor::kSend},
    {"select", WaitFor::kSelect},
    {"chan receive (nil chan)", WaitFor::kNilChannel},
    {"chan send (nil chan)", WaitFor::kNilChannel},
    {"select (no cases)", WaitFor::kNoCases},
    {"sync.Mutex.Lock", WaitFor::kMutex},
    {"sync.RWMutex.RLock", WaitFor::kRWMutex},
    {"sync.RWMutex.Lock", WaitFor::kRWMutex},
    {"sync.WaitGroup.Wait", WaitFor::kWaitGroup},
    {"sync.Cond.Wait", WaitFor::kCond},
    {"IO wait", WaitFor::kIo},
    {"sleep", WaitFor::kSleep},
    {"syscall", WaitFor::kSyscall},
    {"running", WaitFor::kNothing},
    {"runnable", WaitFor::kNothing},
    {"preempted", WaitFor::kNothing},
    {"copystack", WaitFor::kNothing},
    {"idle", WaitFor::kNothing},
});

// Innermost first: the first frame that is one of these. A name that ends with a dot is a prefix.
constexpr auto kByFunction = std::to_array<Row>({
    {"sync.(*Mutex).Lock", WaitFor::kMutex},
    {"sync.(*Mutex).lockSlow", WaitFor::kMutex},
    {"internal/sync.(*Mutex).Lock", WaitFor::kMutex},
    {"internal/sync.(*Mutex).lockSlow", WaitFor::kMutex},
    {"sync.(*RWMutex).", WaitFor::kRWMutex},
    {"sync.(*WaitGroup).Wait", WaitFor::kWaitGroup},
    {"sync.(*Cond).Wait", WaitFor::kCond},
    {"internal/poll.runtime_pollWait", WaitFor::kIo},
    {"time.Sleep", WaitFor::kSleep},
    {"runtime.chanrecv1", WaitFor::kReceive},
    {"runtime.chanrecv2", WaitFor::kReceive},
    {"runtime.chansend1", WaitFor::kSend},
    {"runtime.selectgo", WaitFor::kSelect},
    {"runtime.block", WaitFor::kNoCases},
});

// The runtime's own affairs, which end by themselves though a goroutine of the program waits for
// them. Whatever a later release calls its waits is unknown.
constexpr auto kOfRuntime = std::to_array<std::string_view>({
    "GC ",
    "garbage collection",
    "wait for GC",
    "wait until GC",
    "force gc",
    "finalizer wait",
    "cleanup wait",
    "trace",
    "debug call",
    "flushing proc caches",
    "stopping the world",
    "dumping heap",
    "timer goroutine",
    "GOMAXPROCS updater",
    "page trace flush",
    "panicwait",
});

bool is_of_runtime(std::string_view state) {
  return std::ranges::any_of(kOfRuntime, [&](auto prefix) { return state.starts_with(prefix); });
}

WaitFor find_function(const StackGroup& group) {
  for (const CodePlace& frame : group.frames) {
    for (const auto& [name, wait] : kByFunction)
      if (name.ends_with('.') ? frame.function.starts_with(name) : frame.function == name)
        return wait;
    if (!findings::is_waiting_machinery(frame.function)) break;
  }
  return WaitFor::kUnknown;
}

}  // namespace

WaitFor classify_state(std::string_view state) {
  constexpr std::string_view kInBubble = " (synctest)";
  if (state.ends_with(kInBubble)) state.remove_suffix(kInBubble.size());
  auto found = std::ranges::find(kByState, state, &Row::first);
  return found == kByState.end() ? WaitFor::kUnknown : found->second;
}

WaitFor classify_wait(const StackGroup& group) {
  WaitFor by_state = classify_state(group.state);
  // An RWMutex that waits for its own Mutex has that one's state.
  bool may_be_more = by_state == WaitFor::kUnknown || by_state == WaitFor::kMutex;
  if (!may_be_more) return by_state;
  WaitFor by_function = find_function(group);
  if (by_state == WaitFor::kMutex) return by_function == WaitFor::kRWMutex ? by_function : by_state;
  if (by_function != WaitFor::kUnknown) return by_function;
  return is_of_runtime(group.state) ? WaitFor::kRuntime : WaitFor::kUnknown;
}

bool is_blocked(WaitFor wait) {
  switch (wait) {
    case WaitFor::kReceive:
    case WaitFor::kSend:
    case WaitFor::kSelect:
    case WaitFor::kNilChannel:
    case WaitFor::kNoCases:
    case WaitFor::kMutex:
    case WaitFor::kRWMutex:
    case WaitFor::kWaitGroup:
    case WaitFor::kCond:
      return true;
    default:
      return false;
  }
}

const CodePlace* find_waiting_frame(const StackGroup& group) {
  auto found = std::ranges::find_if(group.frames, [](const CodePlace& frame) {
    return frame.function != "time.Sleep" && !findings::is_waiting_machinery(frame.function);
  });
  if (found != group.frames.end()) return &*found;
  return group.frames.empty() ? nullptr : &group.frames.front();
}

}  // namespace goshawk::analyses::profile
