// Timers that pile up: of time.After and time.NewTimer whose channel nobody can receive from any
// more, and of time.AfterFunc (timer/after-in-loop); tickers that nobody can stop any more
// (timer/unstopped-ticker).
#pragma once

#include <vector>

#include "findings/heap_finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// The most timers first. The picture has references and its pending timers.
std::vector<findings::HeapFinding> find_timers(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::heap
