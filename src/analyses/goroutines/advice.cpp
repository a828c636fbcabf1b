// General advice follows from the rule. What a library keeps is mended where it is used: that is
// told by the function which started the goroutine, blocks it, or called it.
#include "analyses/goroutines/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "analyses/goroutines/rules.h"

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

// Goroutines that only the user of a library can end: by whom they are started, or in what they
// wait. A name that begins with a slash is that of a package wherever it lies (copies, versions).
struct LibraryAdvice {
  std::string_view function;
  std::string_view rule;  // "": any
  std::string_view advice;
  std::string_view title = {};  // of those that never run again; "": their rule's
};

constexpr std::array<LibraryAdvice, 10> kOfCreator = {{
    {"net/http.(*Transport).dialConn", "",
     "close the Body of every response, also of those that are not read, and call "
     "CloseIdleConnections on a Transport before dropping it",
     "HTTP response whose body is never closed"},
    {"net/http.(*timeoutHandler).ServeHTTP", "",
     "http.TimeoutHandler has answered and left its handler behind: let the handler select on "
     "r.Context().Done(), which ends with the timeout, wherever it waits",
     "Handler behind an http.TimeoutHandler"},
    {"database/sql.OpenDB", "", "call Close on the sql.DB when it is no longer needed",
     "sql.DB that is never closed"},
    {"database/sql.(*DB).beginDC", "",
     "end every transaction with Commit or Rollback, best by defer tx.Rollback() where it begins",
     "Transaction that is never ended"},
    {"database/sql.(*Rows).initContextClose", "",
     "close every sql.Rows, best by defer rows.Close() right after the query",
     "sql.Rows that are never closed"},
    {"context.(*cancelCtx).propagateCancel", "",
     "call the cancel function of the context that was made from another, best by defer cancel()"},
    {"os/exec.(*Cmd).Start", "",
     "call Wait of every command that was started, and cancel its context when it is not wanted "
     "any more"},
    {"/errgroup.(*Group).Go", "goroutine/lost-cancel",
     "call Wait of the errgroup on every path: it cancels the group's context, for which this "
     "member waits"},
    {"/errgroup.(*Group).Go", "goroutine/abandoned-result",
     "let the members of the errgroup select on the context of errgroup.WithContext wherever they "
     "send: when one fails, the others' reader has left"},
    {"google.golang.org/grpc.newClientStreamWithParams", "",
     "read every gRPC stream to its end (io.EOF or an error), or cancel the context that it was "
     "opened with",
     "gRPC stream that is never read to its end"},
}};

constexpr std::array<LibraryAdvice, 3> kOfPlace = {{
    {"io.(*pipe)", "",
     "close the other end of the io.Pipe on every path, after an error by CloseWithError",
     "io.Pipe whose other end is never closed"},
    {"/errgroup.(*Group).Go", "goroutine/blocked-send",
     "a member of an errgroup starts another one while the group is at its limit: start members "
     "from outside the group only, or set no limit"},
    {"/semaphore.(*Weighted).Acquire", "",
     "acquire with a context that is cancelled, and release on every path, as much as was "
     "acquired"},
}};

bool fits(std::string_view function, std::string_view wanted) {
  if (!wanted.starts_with('/'))
    return function == wanted || (wanted.ends_with(')') && function.starts_with(wanted));
  return function.ends_with(wanted) || function == wanted.substr(1);
}

bool serves_http(const Snapshot& snapshot, const Goroutine& member) {
  return function_of(snapshot, member.started_at) == "net/http.(*conn).serve";
}

const LibraryAdvice* find_library(std::string_view rule, const Snapshot& snapshot,
                                  const Goroutine& member) {
  std::string_view place = function_of(snapshot, find_blocking_frame(snapshot, member));
  for (const LibraryAdvice& library : kOfPlace)
    if (fits(place, library.function) && (library.rule.empty() || library.rule == rule))
      return &library;
  std::string_view creator = function_of(snapshot, member.created_by);
  for (const LibraryAdvice& library : kOfCreator)
    if (fits(creator, library.function) && (library.rule.empty() || library.rule == rule))
      return &library;
  return nullptr;
}

std::string_view advise_of_library(std::string_view rule, const Snapshot& snapshot,
                                   const Goroutine& member) {
  if (const LibraryAdvice* library = find_library(rule, snapshot, member)) return library->advice;
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
  const LibraryAdvice* library = find_library(rule, snapshot, member);
  return library == nullptr ? std::string_view() : library->title;
}

std::string advise_of_idle_timer() {
  return "stopping a timer or ticker ends nobody who waits for it: wait in a select with "
         "ctx.Done(), and cancel that context where the timer is stopped";
}

std::string advise(std::string_view rule, const Snapshot& snapshot, const Goroutine& member,
                   const std::vector<const Goroutine*>& group) {
  std::string_view name = function_of(snapshot, member.created_by);
  std::string creator(name.empty() ? "the creator" : name);
  if (std::string_view library = advise_of_library(rule, snapshot, member); !library.empty())
    return std::string(library);
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
  if (rule == "goroutine/blocked-receive")
    return may_be_done
               ? "if this is the Done channel of a context, call its cancel function on every "
                 "path; else close the channel where the wait should end"
               : "close the channel where nothing more will be sent, or receive in a select with "
                 "ctx.Done()";
  if (rule == "goroutine/abandoned-result")
    return fmt::format(
        "give the channel a buffer of one in {}, so that the send never waits for a reader that "
        "has left; if it sends in a loop, send in a select with ctx.Done()",
        creator);
  if (rule == "goroutine/blocked-send" && is_semaphore(snapshot, member))
    return "this looks like a semaphore with no slot left: give a slot back on every path, best by "
           "defer, and acquire in a select with ctx.Done()";
  if (rule == "goroutine/blocked-send")
    return "send in a select with ctx.Done(), read until every sender has finished, or give the "
           "channel a buffer for all that is sent";
  if (rule == "goroutine/blocked-select")
    return may_be_done
               ? "if one case is a context's Done, call that context's cancel function on every "
                 "path; else add such a case"
               : "add a case <-ctx.Done() and cancel that context when the work is over";
  if (rule == "goroutine/lost-cancel")
    return fmt::format(
        "call the context's cancel function on every path, best by defer cancel(), where {} starts "
        "this",
        creator);
  if (rule == "goroutine/nil-channel")
    return "make the channel before use: an operation on a nil channel never completes";
  if (rule == "goroutine/empty-select")
    return "wait for a signal or ctx.Done() instead of select {}, or end the goroutine";
  if (rule == "goroutine/runaway")
    return fmt::format(
        "give the loop an end, best a case <-ctx.Done() or a check of ctx.Err(), and cancel that "
        "context when what {} started it for is over",
        creator);
  if (rule == "goroutine/io-wait")
    return "set a deadline before each read or write (net/http: the timeouts of Server and "
           "Client), "
           "and close the connection or listener when its work is over";
  if (rule == "goroutine/rwmutex")
    return "unlock on every path, best by defer; RUnlock as often as RLock, and never take a read "
           "lock twice";
  if (rule == "goroutine/waitgroup")
    return "call Done on every path, best by defer, exactly as often as Add counted; if those that "
           "it waits for are leaked themselves, mend them first";
  if (rule == "goroutine/cond")
    return "call Signal or Broadcast after every change that Wait waits for, shutdown included";
  if (is_of_once(snapshot, member))
    return "let the function of the sync.Once return: all other callers of Do wait for that, and "
           "one that calls Do of the same Once in it waits for itself";
  return "unlock on every path, best by defer mu.Unlock() right after Lock";
}

}  // namespace goshawk::analyses::goroutines
