// IoWait::owner: what the poll.FD lies in for which a goroutine waits.
#pragma once

#include "goruntime/page_cache.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

// The goroutines and what they keep, the objects and the io waits are there already.
void find_poll_owners(PageCache& cache, snapshot::Snapshot& picture);

}  // namespace goshawk::goruntime
