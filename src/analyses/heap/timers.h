// Timers that pile up: of time.After and time.NewTimer whose channel nobody can receive from any
// more, and of time.AfterFunc (timer/after-in-loop); tickers that nobody can stop any more
// (timer/unstopped-ticker). And all that are pending, by what they call.
#pragma once

#include <vector>

#include "findings/heap_finding.h"
#include "findings/heap_lines.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

struct FoundTimers {
  std::vector<findings::HeapFinding> findings;  // the most timers first
  std::vector<findings::TimerLine> lines;       // those that hold most first
};

// Nothing where only a few are pending. The picture has references and its pending timers.
FoundTimers find_timers(const snapshot::Snapshot& snapshot);

}  // namespace goshawk::analyses::heap
