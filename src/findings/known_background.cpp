// To add one: the function that the goroutine runs in, what it waits in if that is not the runtime
// itself, and the reason for which it is no leak, in a sentence that a reader of a report
// understands. A line belongs here only if nobody can end that goroutine, or need not: it is one
// for the whole program, or one for each of what the program keeps on purpose (a connection, a
// pool).
//
// This excuses no accumulation: of thousands of idle connections each is known, and all together
// are a leak all the same. Who asks sees to that (analyses/goroutines/parking.cpp, leaks.cpp).
// Names are those of the releases and versions in use: os/signal, net/http, database/sql and
// runtime/pprof of Go 1.19 to 1.27; for the modules, what their users exempt from
// go.uber.org/goleak for want of a way to end it.
#include "findings/known_background.h"

#include <algorithm>
#include <array>

#include "findings/function_name.h"
#include "findings/function_pattern.h"

namespace goshawk::findings {
namespace {

constexpr std::string_view kClientConnection =
    "net/http: keeps a client's connection open, for an answer or a next request";
constexpr std::string_view kServerConnection =
    "net/http: keeps a server's connection open for a next request";
constexpr std::string_view kHttp2Connection =
    "net/http: keeps a client's HTTP/2 connection open, for answers and next requests";
constexpr std::string_view kLogFlush = "writes a log's buffer to its file every few seconds";

constexpr auto kKnown = std::to_array<KnownBackground>({
    {"os/signal.loop", "os/signal.signal_recv",
     "os/signal: waits for the signals that the program has asked for"},
    {"database/sql.(*DB).connectionOpener", "",
     "database/sql: opens connections for a sql.DB until that is closed"},
    {"database/sql.(*DB).connectionCleaner", "",
     "database/sql: closes connections that a sql.DB has not used for long"},
    {"net/http.(*persistConn).readLoop", "bufio.(*Reader).Peek", kClientConnection},
    {"net/http.(*persistConn).writeLoop", "", kClientConnection},
    {"net/http.(*http2clientConnReadLoop).run", "*.ReadFrame*", kHttp2Connection},
    {"net/http/internal/http2.(*clientConnReadLoop).run", "*.ReadFrame*", kHttp2Connection},
    {"golang.org/x/net/http2.(*clientConnReadLoop).run", "*.ReadFrame*", kHttp2Connection},
    {"net/http.(*conn).serve", "bufio.(*Reader).Peek", kServerConnection},
    {"net/http.(*conn).serve", "net/http.(*conn).readRequest", kServerConnection},
    {"net/http.(*connReader).backgroundRead", "*.Read",
     "net/http: watches whether the client goes away while its request is served"},
    {"net/http.(*Server).Serve", "*.Accept", "net/http: a server waits for connections"},
    {"runtime/pprof.profileWriter", "", "runtime/pprof: writes a CPU profile while it is taken"},
    {"go.opencensus.io/stats/view.(*worker).start", "",
     "OpenCensus: its worker, one for each program, started by importing it"},
    {"go.opentelemetry.io/otel/sdk/trace.(*batchSpanProcessor).processQueue", "",
     "OpenTelemetry: sends spans in batches until its provider is shut down"},
    {"go.opentelemetry.io/otel/sdk/metric.(*PeriodicReader).run", "",
     "OpenTelemetry: sends metrics every now and then until its provider is shut down"},
    {"github.com/golang/glog.(*loggingT).flushDaemon", "", kLogFlush},
    {"github.com/golang/glog.(*fileSink).flushDaemon", "", kLogFlush},
    {"k8s.io/klog.(*loggingT).flushDaemon", "", kLogFlush},
    {"k8s.io/klog/v2.(*loggingT).flushDaemon", "", kLogFlush},
    {"k8s.io/klog/v2.(*flushDaemon).run.func1", "", kLogFlush},
    {"gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun", "",
     "lumberjack: removes and compresses old log files, one for each log"},
    {"github.com/natefinch/lumberjack.(*Logger).millRun", "",
     "lumberjack: removes and compresses old log files, one for each log"},
    {"github.com/dgraph-io/ristretto*.(*Cache*).processItems", "",
     "ristretto: keeps a cache in order, one for each cache"},
    {"github.com/dgraph-io/ristretto*.(*defaultPolicy*).processItems", "",
     "ristretto: keeps a cache in order, one for each cache"},
    {"github.com/patrickmn/go-cache.(*janitor).Run", "",
     "go-cache: removes what has expired, one for each cache"},
    {"github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain", "",
     "goleveldb: empties its pool of buffers, one for each database"},
    {"github.com/rcrowley/go-metrics.(*meterArbiter).tick", "",
     "go-metrics: updates all meters, one for each program"},
    {"github.com/blevesearch/bleve_index_api.AnalysisWorker", "",
     "bleve: its workers, as many as processors, started by importing it"},
    {"github.com/valyala/fasthttp.updateServerDate.func1", "",
     "fasthttp: keeps the Date header current, one for each program"},
    {"google.golang.org/grpc/internal/grpcsync.(*CallbackSerializer).run", "",
     "gRPC: runs a connection's callbacks in order until that is closed"},
    {"google.golang.org/grpc/internal/transport.(*controlBuffer).get", "",
     "gRPC: writes a connection's frames until that is closed"},
});

struct Row {
  FunctionPattern function, calls;
  const KnownBackground* known = nullptr;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = [] {
    std::vector<Row> made;
    for (const KnownBackground& known : kKnown)
      made.push_back({FunctionPattern(std::string(known.function)),
                      FunctionPattern(std::string(known.calls)), &known});
    return made;
  }();
  return kRows;
}

}  // namespace

std::span<const KnownBackground> known_background() { return kKnown; }

const KnownBackground* find_known_background(std::span<const std::string_view> stack) {
  std::vector<std::string> names;
  for (std::string_view function : stack)
    if (function != "time.Sleep" && !is_waiting_machinery(function))
      names.push_back(normalize_function(function));
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const Row& row : rows()) {
      if (!row.function.fits(names[i])) continue;
      bool waits_there = row.calls.empty() ? i == 0 : i > 0 && row.calls.fits(names[i - 1]);
      if (waits_there) return row.known;
    }
  return nullptr;
}

}  // namespace goshawk::findings
