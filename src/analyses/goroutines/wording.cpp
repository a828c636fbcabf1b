// Sentences, not facts: everything said here is in the picture or follows from the rule.
#include "analyses/goroutines/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analyses/goroutines/growth.h"
#include "analyses/goroutines/rules.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Wait;
using snapshot::WaitKind;
using snapshot::WaitOperation;

namespace {

constexpr std::size_t kNamedWaits = 4;

std::string_view operation_text(WaitOperation operation) {
  switch (operation) {
    case WaitOperation::kReceive:
    case WaitOperation::kSelectReceive:
      return "to receive from";
    case WaitOperation::kSend:
    case WaitOperation::kSelectSend:
      return "to send to";
    case WaitOperation::kSemaphore:
    case WaitOperation::kCoroutine:
      return "for";
    case WaitOperation::kCond:
      return "for a signal of";
  }
  return "on";
}

std::string buffer_text(const Wait& wait) {
  if (wait.capacity == 0) return "an unbuffered";
  if (wait.length == wait.capacity) return fmt::format("a full (capacity {})", wait.capacity);
  if (wait.length == 0) return fmt::format("an empty (capacity {})", wait.capacity);
  return fmt::format("a (capacity {}, {} in it)", wait.capacity, wait.length);
}

// A lock, by what the goroutine does with it.
std::string lock_text(const Snapshot& snapshot, WaitKind kind, const Wait& wait) {
  switch (kind) {
    case WaitKind::kMutexLock:
      return "a sync.Mutex that stays locked";
    case WaitKind::kRWMutexRLock:
      return "a sync.RWMutex that a writer holds or waits for";
    case WaitKind::kRWMutexLock:
      return "a sync.RWMutex that stays locked";
    case WaitKind::kWaitGroupWait:
      return wait.lock != snapshot::kNone && snapshot.locks[wait.lock].known
                 ? fmt::format("a sync.WaitGroup whose counter stays at {}",
                               snapshot.locks[wait.lock].state)
                 : std::string("a sync.WaitGroup whose counter stays above zero");
    default:
      return "a semaphore";
  }
}

std::string name_of_lock(const Snapshot& snapshot, WaitKind kind, const Wait& wait) {
  switch (kind) {
    case WaitKind::kMutexLock:
      return "a sync.Mutex";
    case WaitKind::kRWMutexRLock:
      return "a sync.RWMutex, to read";
    case WaitKind::kRWMutexLock:
      return "a sync.RWMutex, to write";
    case WaitKind::kWaitGroupWait:
      return wait.lock != snapshot::kNone && snapshot.locks[wait.lock].known
                 ? fmt::format("a sync.WaitGroup with its counter at {}",
                               snapshot.locks[wait.lock].state)
                 : std::string("a sync.WaitGroup");
    default:
      return "a semaphore";
  }
}

std::string coroutine_text(const Snapshot& snapshot, const Goroutine& goroutine, const Wait& wait) {
  std::string_view sequence = snapshot.strings[wait.element_type];
  std::string pulled =
      sequence.empty() ? std::string("iter.Pull") : fmt::format("iter.Pull({})", sequence);
  return pulls_a_value(snapshot, goroutine) ? fmt::format("a value from the sequence of {}", pulled)
                                            : fmt::format("a call of next or stop of {}", pulled);
}

std::string channel_text(const Snapshot& snapshot, const Wait& wait) {
  std::string_view element = snapshot.strings[wait.element_type];
  return element.empty() ? fmt::format("{} channel", buffer_text(wait))
                         : fmt::format("{} channel of {}", buffer_text(wait), element);
}

// The same with less: where members differ in the rest.
std::string vague_text(const Wait& wait) {
  switch (wait.operation) {
    case WaitOperation::kSemaphore:
      return "a lock";
    case WaitOperation::kCond:
      return "a sync.Cond";
    case WaitOperation::kCoroutine:
      return "a coroutine of iter.Pull";
    default:
      return "a channel";
  }
}

std::string thing_text(std::string_view rule, const Snapshot& snapshot, const Goroutine& goroutine,
                       const Wait& wait) {
  WaitKind kind = goroutine.wait_kind;
  if (wait.operation == WaitOperation::kCond) return "a sync.Cond";
  if (wait.operation == WaitOperation::kCoroutine) return coroutine_text(snapshot, goroutine, wait);
  if (wait.operation == WaitOperation::kSemaphore) return lock_text(snapshot, kind, wait);
  bool done =
      wait.is_context_done || (rule == "goroutine/lost-cancel" && kind == WaitKind::kChanReceive);
  if (!done) return channel_text(snapshot, wait);
  return rule == "goroutine/lost-cancel" ? "the Done channel of a context that nobody can cancel"
                                         : "the Done channel of a context";
}

std::string by_definition(WaitKind kind) {
  switch (kind) {
    case WaitKind::kNilChanReceive:
      return "receives from a nil channel, which blocks for ever";
    case WaitKind::kNilChanSend:
      return "sends to a nil channel, which blocks for ever";
    case WaitKind::kSelectNoCases:
      return "waits in select {}, which blocks for ever";
    default:
      return "selects among nil channels only, which blocks for ever";
  }
}

// What a member waits on, each kind once; the order of a select's cases says nothing.
std::vector<std::string> list_waits(std::string_view rule, const Snapshot& snapshot,
                                    const Goroutine& member) {
  std::vector<std::string> texts;
  for (const Wait& wait : waits_of(snapshot, member))
    texts.push_back(fmt::format("{} {}", operation_text(wait.operation),
                                thing_text(rule, snapshot, member, wait)));
  std::ranges::sort(texts);
  texts.erase(std::ranges::unique(texts).begin(), texts.end());
  return texts;
}

// With no more than all members have in common.
std::vector<std::string> list_common_waits(std::string_view rule, const Snapshot& snapshot,
                                           const std::vector<const Goroutine*>& group) {
  std::vector<std::string> texts = list_waits(rule, snapshot, *group.front());
  bool agree = std::ranges::all_of(
      group, [&](const Goroutine* member) { return list_waits(rule, snapshot, *member) == texts; });
  if (agree) return texts;
  std::span<const Wait> waits = waits_of(snapshot, *group.front());
  if (waits.size() > 1) return {fmt::format("in a select of {} cases", waits.size())};
  return {fmt::format("{} {}", operation_text(waits[0].operation), vague_text(waits[0]))};
}

// Of one that memory does not bind.
std::string describe_life(const Goroutine& member, bool alone) {
  if (member.wait_kind == WaitKind::kIo)
    return alone ? "waits for the other end of a connection, a pipe or a file"
                 : "each waits for the other end of a connection, a pipe or a file";
  if (member.status == snapshot::Status::kWaiting && member.wait_kind != WaitKind::kSleep)
    return alone ? "a timer wakes it again and again" : "a timer wakes each again and again";
  return alone ? "runs or sleeps by turns" : "each runs or sleeps by turns";
}

}  // namespace

std::string describe_waits(std::string_view rule, const Snapshot& snapshot,
                           const std::vector<const Goroutine*>& group) {
  if (rule == "goroutine/runaway" || rule == "goroutine/io-wait")
    return describe_life(*group.front(), group.size() == 1);
  std::span<const Wait> waits = waits_of(snapshot, *group.front());
  if (waits.empty()) return by_definition(group.front()->wait_kind);
  std::vector<std::string> named = list_common_waits(rule, snapshot, group);
  std::string text = group.size() == 1 ? "waits " : "each waits ";
  for (std::size_t i = 0; i < named.size() && i < kNamedWaits; ++i)
    text += (i > 0 ? ", or " : "") + named[i];
  if (named.size() > kNamedWaits) text += fmt::format(", or {} more", named.size() - kNamedWaits);
  if (group.size() == 1 || waits.size() != 1) return text;
  std::set<Address> distinct;
  for (const Goroutine* member : group)
    for (const Wait& wait : waits_of(snapshot, *member)) distinct.insert(wait.address);
  if (distinct.size() == 1) return text + ", all on the same one";
  return distinct.size() == group.size()
             ? text
             : text + fmt::format(" ({} of these in all)", distinct.size());
}

std::string describe_wait(const Snapshot& snapshot, const Goroutine& goroutine, const Wait& wait) {
  std::string_view operation = operation_text(wait.operation);
  if (wait.operation == WaitOperation::kCond) return fmt::format("{} a sync.Cond", operation);
  if (wait.operation == WaitOperation::kSemaphore)
    return fmt::format("{} {}", operation, name_of_lock(snapshot, goroutine.wait_kind, wait));
  if (wait.operation == WaitOperation::kCoroutine)
    return fmt::format("{} {}", operation, coroutine_text(snapshot, goroutine, wait));
  if (wait.is_context_done) return fmt::format("{} the Done channel of a context", operation);
  return fmt::format("{} {}{}", operation, channel_text(snapshot, wait),
                     wait.is_timer_channel ? ", a timer's" : "");
}

std::string describe_growth(const findings::Growth& growth) {
  std::string stayed = growth.gone == 0
                           ? "none of those that were there before has ended"
                           : fmt::format("only {} of those that were there before {} ended",
                                         growth.gone, growth.gone == 1 ? "has" : "have");
  return growth.samples.size() < kPicturesOfGrowth
             ? fmt::format(
                   "new ones came from one picture to the next, and {}: a third picture "
                   "(--samples 3) would tell more",
                   stayed)
             : fmt::format(
                   "new ones came in each of {} intervals, and {}; memory alone does not "
                   "tell whether they will",
                   growth.samples.size() - 1, stayed);
}

std::string describe_holder(Holder holder) {
  switch (holder) {
    case Holder::kContextChildren:
      return "only a context that it was made from still refers to it, to cancel it at its own "
             "end: "
             "nobody else can cancel it any more";
    case Holder::kHttpRequests:
      return "only its HTTP client's table of requests still refers to it, by which a request is "
             "cancelled: nobody has the response any more, nor could close its body";
    case Holder::kFinalizer:
      return "only a finalizer or cleanup could wake it, and the waiting goroutines themselves "
             "keep "
             "its object, so that never runs";
    case Holder::kIdleTimer:
      return "its timer or ticker was stopped or has fired, which closes no channel, and this "
             "program has no code that could set it again (Reset)";
    case Holder::kOwner:
      return "only other goroutines that are likely leaked themselves can reach it";
    case Holder::kLock:
      return "who has the lock, by the code in which it stands, never runs again, and nobody else "
             "was seen to unlock it";
    case Holder::kTicker:
      return "its ticker alone wakes it: nobody else can reach what else it waits for, and who "
             "started it has ended";
    case Holder::kTickingOwner:
      return "only what nobody can stop any more can reach it: a loop that its ticker wakes, or a "
             "server that waits for connections";
    case Holder::kListener:
      return "nobody else can reach its listener, to close it, and the test that started it has "
             "ended: only a connection would wake it";
    case Holder::kKeptSession:
      return "only its session's keep-alive timer can reach it, which asks the other end, and that "
             "answers: nobody else can reach either end, to close it";
    case Holder::kEndless:
      return "the loop in which it is has no exit, and the test that started it has ended";
    case Holder::kNone:
      break;
  }
  return "";
}

}  // namespace goshawk::analyses::goroutines
