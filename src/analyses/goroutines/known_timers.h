// Pending timers of time.AfterFunc of which it is known by their function's name what they do: less
// than all that they could reach. And the sessions that such a timer keeps alive, and never ends.
#pragma once

#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

struct KnownTimers {
  // Sorted: the timers and what they call, which are roots of a proof and need not be here.
  std::vector<snapshot::ObjectId> objects;
  std::vector<snapshot::ObjectId> closed;  // the channels that they will close
};

KnownTimers find_known_timers(const snapshot::Snapshot& snapshot);

// Whether it is one of a session's goroutines and waits for the session's next work, with no
// deadline.
bool is_idle_in_session(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);
// Of such ones: whether it reads what the other end sends.
bool reads_session(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);
// Both ends of one net.Pipe.
bool read_each_other(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& a,
                     const snapshot::Goroutine& b);

}  // namespace goshawk::analyses::goroutines
