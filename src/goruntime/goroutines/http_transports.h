// The HTTP clients' connections that somebody serves, and the transports that they are of, with the
// table that each keeps of its requests.
#pragma once

#include <vector>

#include "goruntime/heap/heap.h"
#include "goruntime/page_cache.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// Adds to picture.contexts what is like a context in this: the table in which an http.Transport
// keeps how to cancel each of its requests. It is `object` and `children` of an entry whose type is
// that of the transport, without a channel and a parent. picture.references are there already.
// Gives the pollDescs of the connections, with who serves them: goroutines that wait, not for the
// network, in their select.
std::vector<snapshot::IoWait> find_http_transports(PageCache& cache, TypeReader& types,
                                                   const Heap& heap, snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
