// Which channels are Done channels of a context.Context, which context each belongs to, and from
// which others that was made.
#pragma once

#include "goruntime/heap/heap.h"
#include "goruntime/page_cache.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// Sets Wait::is_context_done in picture.waits and fills picture.contexts. Reads only objects that
// refer to a channel that somebody waits to receive from, and their ancestors; picture.references
// are there already.
void find_contexts(PageCache& cache, TypeReader& types, const Heap& heap,
                   snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
