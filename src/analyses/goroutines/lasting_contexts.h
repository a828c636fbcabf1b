// The contexts at which the walk of the proof stops: those that are there for as long as the
// program. They cancel their children at its end, which nobody waits for. And what is like them in
// that: an HTTP client's table of requests, by which nobody cancels them but who has the request.
#pragma once

#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// What Snapshot::contexts say of their types; of the second, that a timer ends it, of the last that
// it is such a table.
inline constexpr std::string_view kCancelContext = "context.cancelCtx";
inline constexpr std::string_view kTimerContext = "context.timerCtx";
inline constexpr std::string_view kHttpTransport = "http.Transport";

// Whether an object can be the cancel function of that context: a closure over nothing else.
bool is_cancel_function(const snapshot::Snapshot& snapshot, snapshot::ObjectId object,
                        snapshot::ObjectId context);
// The headers of the maps in which they keep those that are cancelled with them.
std::vector<graph::Node> find_lasting_children_maps(const snapshot::Snapshot& snapshot);
// The headers of the tables of requests, ascending.
std::vector<graph::Node> find_request_tables(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::goroutines
