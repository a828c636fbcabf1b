// Which of the channels that goroutines wait on are the done channel of a context.Context. Only the
// name of a rule depends on it, never a proof.
#pragma once

#include "goruntime/page_cache.h"
#include "goruntime/symbols/type_names.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// Sets Wait::is_context_done in `picture`, whose waits and references have been read; `objects` are
// its own.
void find_context_channels(PageCache& cache, TypeNames& types, const snapshot::Objects& objects,
                           snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
