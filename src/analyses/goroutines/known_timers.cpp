// The proof takes it that a timer's function may wake whoever it can reach. Of two kinds the source
// says what it does:
//
// The deadlines of net.Pipe (net/pipe.go pipeDeadline, and copies of it): the function closes the
// channel of its deadline, and does nothing else. It lies behind the timer in the same struct,
// { mu, timer, cancel }, so it is the next reference of the object after that to the timer. Where
// the object is not of that shape, the timer stays what any timer is.
//
// The keep-alive of a session of libp2p's yamux (github.com/libp2p/go-yamux, session.go,
// startKeepalive): it sends a ping, sets itself again, and closes the session only if no answer
// comes. Both ends lie in this process where they are joined by a net.Pipe. As long as the other
// one's reader waits for what is sent and its sender for what to send, the ping is answered: the
// session goes on for ever. A reader shows that it is the other end's by its select, for those of
// the two ends have the two channels in common by which a pipe's ends tell that they were closed
// (localDone and remoteDone). Of a session over a socket nothing is known here; nor of one that is
// just at work: who stands elsewhere than where a session at rest does counts as about to end it.
//
// By name, for what a function does is not read from memory. To add one: its source must say that
// it ends nothing as long as all that is asked below holds.
#include "analyses/goroutines/known_timers.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::kNone;
using snapshot::ObjectId;
using snapshot::PendingTimer;
using snapshot::Snapshot;

namespace {

constexpr std::string_view kPipeDeadline = ".(*pipeDeadline).set.func1";
constexpr std::string_view kYamux = "github.com/libp2p/go-yamux";
constexpr std::string_view kKeepAlive = ".(*Session).startKeepalive.func1";
constexpr std::size_t kChannelsOfBothEnds = 2;

bool is_of_yamux(std::string_view function, std::string_view method) {
  return function.starts_with(kYamux) && function.ends_with(method);
}

std::span<const ObjectId> row_of(const Snapshot& snapshot, ObjectId object) {
  if (object >= snapshot.objects.row_count()) return {};
  const std::uint32_t* row = snapshot.references.rows.data() + object;
  return {snapshot.references.edges.data() + row[0], snapshot.references.edges.data() + row[1]};
}

std::optional<ObjectId> find_closed(const Snapshot& snapshot, const PendingTimer& timer) {
  std::optional<ObjectId> closed;
  for (ObjectId pipe : row_of(snapshot, timer.argument)) {
    std::span<const ObjectId> fields = row_of(snapshot, pipe);
    auto at = std::ranges::find(fields, timer.object);
    if (at == fields.end() || at + 1 == fields.end()) continue;
    if (closed || std::find(at + 1, fields.end(), timer.object) != fields.end()) return {};
    closed = *(at + 1);
  }
  return closed;
}

// Outwards, without the runtime's.
std::string_view function_where(const Snapshot& snapshot, const Goroutine& goroutine) {
  return function_of(snapshot, find_blocking_frame(snapshot, goroutine));
}

bool has_on_stack(const Snapshot& snapshot, const Goroutine& goroutine, auto&& is_it) {
  return goroutine.stack != kNone &&
         std::ranges::any_of(snapshot.stacks[goroutine.stack], [&](snapshot::FrameId frame) {
           return is_it(function_of(snapshot, frame));
         });
}

}  // namespace

KnownTimers find_known_timers(const Snapshot& snapshot) {
  KnownTimers known;
  for (const PendingTimer& timer : snapshot.pending_timers) {
    if (timer.object == kNone || timer.argument == kNone) continue;
    std::string_view function = snapshot.strings[timer.function];
    if (function.ends_with(kPipeDeadline)) {
      auto closed = find_closed(snapshot, timer);
      if (!closed) continue;
      known.closed.push_back(*closed);
    } else if (!is_of_yamux(function, kKeepAlive)) {
      continue;
    }
    known.objects.push_back(timer.object);
    known.objects.push_back(timer.argument);
  }
  std::ranges::sort(known.objects);
  return known;
}

bool reads_session(const Snapshot& snapshot, const Goroutine& goroutine) {
  return goroutine.wait_kind == snapshot::WaitKind::kSelect &&
         has_on_stack(
             snapshot, goroutine,
             [](std::string_view one) { return is_of_yamux(one, ".(*Session).recvLoop"); }) &&
         has_on_stack(snapshot, goroutine,
                      [](std::string_view one) { return one == "net.(*pipe).read"; });
}

bool is_idle_in_session(const Snapshot& snapshot, const Goroutine& goroutine) {
  if (goroutine.wait_kind != snapshot::WaitKind::kSelect) return false;
  std::string_view where = function_where(snapshot, goroutine);
  return is_of_yamux(where, ".(*Session).sendLoop") ||
         is_of_yamux(where, ".(*Session).startMeasureRTT") || reads_session(snapshot, goroutine);
}

bool read_each_other(const Snapshot& snapshot, const Goroutine& a, const Goroutine& b) {
  auto theirs = waits_of(snapshot, b);
  auto in_common = std::ranges::count_if(waits_of(snapshot, a), [&](const snapshot::Wait& wait) {
    return std::ranges::find(theirs, wait.object, &snapshot::Wait::object) != theirs.end();
  });
  return a.goid != b.goid && std::cmp_greater_equal(in_common, kChannelsOfBothEnds);
}

}  // namespace goshawk::analyses::goroutines
