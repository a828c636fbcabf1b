// What a library keeps is mended where it is used, which findings/advice knows by functions. Beyond
// what the rule alone says (there too), the things that are waited for tell more.
#include "analyses/goroutines/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "analyses/goroutines/rules.h"
#include "findings/advice.h"

namespace goshawk::analyses::goroutines {

using snapshot::Goroutine;
using snapshot::Snapshot;
using snapshot::Wait;
using snapshot::WaitOperation;

namespace {

// The channel of a time.Timer or Ticker; before Go 1.23 nothing else tells it.
bool may_be_of_timer(const Snapshot& snapshot, const Wait& wait) {
  return wait.is_timer_channel || (snapshot.strings[wait.element_type] == "time.Time" &&
                                   wait.capacity == 1 && wait.length == 0);
}

bool serves_http(const Snapshot& snapshot, const Goroutine& member) {
  return function_of(snapshot, member.started_at) == "net/http.(*conn).serve";
}

std::optional<findings::LibraryAdvice> find_library(std::string_view rule, const Snapshot& snapshot,
                                                    const Goroutine& member) {
  return findings::find_library_advice(rule,
                                       function_of(snapshot, find_blocking_frame(snapshot, member)),
                                       function_of(snapshot, member.created_by));
}

std::string_view advise_of_library(std::string_view rule, const Snapshot& snapshot,
                                   const Goroutine& member) {
  if (auto library = find_library(rule, snapshot, member)) return library->advice;
  bool is_channel = rule == "goroutine/blocked-receive" || rule == "goroutine/blocked-send" ||
                    rule == "goroutine/blocked-select";
  if (is_channel && serves_http(snapshot, member))
    return "this is the handler of an http.Server: select on r.Context().Done() wherever it waits, "
           "which ends when the client leaves, and bound the whole by a timeout";
  return "";
}

// A full channel of structs: slots that are taken.
bool is_semaphore(const Snapshot& snapshot, const Goroutine& member) {
  return std::ranges::any_of(waits_of(snapshot, member), [&](const Wait& wait) {
    return wait.capacity > 0 && wait.length == wait.capacity &&
           snapshot.strings[wait.element_type] == "struct {}";
  });
}

bool is_of_once(const Snapshot& snapshot, const Goroutine& member) {
  return std::ranges::any_of(snapshot.stacks[member.stack], [&](snapshot::FrameId frame) {
    return function_of(snapshot, frame).starts_with("sync.(*Once).");
  });
}

// Several that receive the same, which is work, not only a signal.
bool is_pool(std::string_view rule, const Snapshot& snapshot,
             const std::vector<const Goroutine*>& group) {
  if (group.size() < 2 ||
      (rule != "goroutine/blocked-receive" && rule != "goroutine/blocked-select"))
    return false;
  if (std::ranges::all_of(waits_of(snapshot, *group.front()), [&](const Wait& wait) {
        return snapshot.strings[wait.element_type] == "struct {}";
      }))
    return false;
  std::set<std::set<Address>> channels;
  for (const Goroutine* member : group) {
    std::set<Address> own;
    for (const Wait& wait : waits_of(snapshot, *member)) {
      if (wait.operation == WaitOperation::kSend || wait.operation == WaitOperation::kSelectSend)
        return false;
      own.insert(wait.address);
    }
    channels.insert(std::move(own));
  }
  return channels.size() * 2 <= group.size();
}

}  // namespace

std::string_view title_by_library(std::string_view rule, const Snapshot& snapshot,
                                  const Goroutine& member) {
  auto library = find_library(rule, snapshot, member);
  return library ? library->title : std::string_view();
}

std::string advise_of_idle_timer() {
  return "stopping a timer or ticker ends nobody who waits for it: wait in a select with "
         "ctx.Done(), and cancel that context where the timer is stopped";
}

std::string advise_of_endless_loop() {
  return "give the loop an exit: wait in a select with ctx.Done() too, return when that is closed, "
         "and cancel the context when the test ends (t.Context(), t.Cleanup)";
}

std::string advise_of_what_cannot_be_stopped(const Snapshot& snapshot, const Goroutine& member) {
  std::string_view name = function_of(snapshot, member.created_by);
  return fmt::format(
      "call what ends it (a Close, Stop or cancel function) before what {} made is dropped; "
      "where it has none, let it have one",
      name.empty() ? "the creator" : name);
}

std::string advise(std::string_view rule, const Snapshot& snapshot, const Goroutine& member,
                   const std::vector<const Goroutine*>& group,
                   const std::vector<ContextMaker>& makers) {
  std::string_view name = function_of(snapshot, member.created_by);
  std::string creator(name.empty() ? "the creator" : name);
  if (std::string_view library = advise_of_library(rule, snapshot, member); !library.empty())
    return std::string(library);
  std::string ending = advise_context_maker(snapshot, makers);
  if (rule == "goroutine/lost-cancel" && !ending.empty()) return ending;
  if (rule == "goroutine/blocked-receive" &&
      std::ranges::all_of(waits_of(snapshot, member),
                          [&](const Wait& wait) { return may_be_of_timer(snapshot, wait); }))
    return advise_of_idle_timer();
  bool may_be_done = std::ranges::any_of(waits_of(snapshot, member), [&](const Wait& wait) {
    return may_be_context_done(snapshot, wait);
  });
  if (is_pool(rule, snapshot, group))
    return fmt::format(
        "these look like the workers of one pool: let what {} made have a Stop or Close that "
        "closes a channel which they receive from, and call it where the pool is dropped",
        creator);
  if (may_be_done && rule == "goroutine/blocked-receive")
    return fmt::format(
        "if this is the Done channel of a context, {}; else close the channel where the wait "
        "should "
        "end",
        ending.empty() ? "call its cancel function on every path" : ending);
  if (may_be_done && rule == "goroutine/blocked-select")
    return "if one case is a context's Done, call that context's cancel function on every path; "
           "else add such a case";
  if (rule == "goroutine/blocked-send" && is_semaphore(snapshot, member))
    return "this looks like a semaphore with no slot left: give a slot back on every path, best by "
           "defer, and acquire in a select with ctx.Done()";
  if (rule == "goroutine/mutex" && is_of_once(snapshot, member))
    return "let the function of the sync.Once return: all other callers of Do wait for that, and "
           "one that calls Do of the same Once in it waits for itself";
  if (rule == "goroutine/coroutine" && pulls_a_value(snapshot, member))
    return "mend what the sequence waits for: it was to give a value, and who called next or stop "
           "waits with it";
  return findings::advise_by_rule(rule, creator);
}

}  // namespace goshawk::analyses::goroutines
