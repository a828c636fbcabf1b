// General advice follows from the rule. What a library keeps is mended where it is used: that is
// told by the function which started the goroutine, blocks it, or called it.
#include "findings/advice.h"

#include <fmt/format.h>

#include <array>

namespace goshawk::findings {
namespace {

// A name that begins with a slash is that of a package wherever it lies (copies, versions).
struct Row {
  std::string_view function;
  std::string_view rule;  // "": any
  std::string_view advice;
  std::string_view title = {};
};

constexpr std::array<Row, 10> kOfCreator = {{
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

constexpr std::array<Row, 3> kOfPlace = {{
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

template <std::size_t Size>
std::optional<LibraryAdvice> find_row(const std::array<Row, Size>& rows, std::string_view rule,
                                      std::string_view function) {
  for (const Row& row : rows)
    if (fits(function, row.function) && (row.rule.empty() || row.rule == rule))
      return LibraryAdvice{row.advice, row.title};
  return std::nullopt;
}

}  // namespace

std::optional<LibraryAdvice> find_library_advice(std::string_view rule, std::string_view blocked_in,
                                                 std::string_view creator) {
  if (auto found = find_row(kOfPlace, rule, blocked_in)) return found;
  return find_row(kOfCreator, rule, creator);
}

std::string advise_by_rule(std::string_view rule, std::string_view creator) {
  if (rule == "goroutine/blocked-receive")
    return "close the channel where nothing more will be sent, or receive in a select with "
           "ctx.Done()";
  if (rule == "goroutine/abandoned-result")
    return fmt::format(
        "give the channel a buffer of one in {}, so that the send never waits for a reader that "
        "has left; if it sends in a loop, send in a select with ctx.Done()",
        creator);
  if (rule == "goroutine/blocked-send")
    return "send in a select with ctx.Done(), read until every sender has finished, or give the "
           "channel a buffer for all that is sent";
  if (rule == "goroutine/blocked-select")
    return "add a case <-ctx.Done() and cancel that context when the work is over";
  if (rule == "goroutine/lost-cancel")
    return fmt::format(
        "call the context's cancel function on every path, best by defer cancel() right where the "
        "context is made. Go does not note where that is: begin at {}, which started this "
        "goroutine",
        creator);
  if (rule == "goroutine/nil-channel")
    return "make the channel before use: an operation on a nil channel never completes. The Done "
           "channel of context.Background() is nil too";
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
  if (rule == "goroutine/coroutine")
    return "call the stop function that iter.Pull returns on every path, best by defer stop() "
           "right "
           "after it; where all values are wanted, range over the sequence instead";
  return "unlock on every path, best by defer mu.Unlock() right after Lock";
}

}  // namespace goshawk::findings
