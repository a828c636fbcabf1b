// Most of these ask what would be reached without something, each in a walk of its own over the
// heap: side by side. Paths are told by one of them only.
#include "analyses/heap/unneeded.h"

#include <optional>
#include <utility>

#include "analyses/heap/channels.h"
#include "analyses/heap/dead_goroutines.h"
#include "analyses/heap/finalizers.h"
#include "analyses/heap/pools.h"
#include "analyses/heap/timers.h"
#include "analyses/heap/waste.h"
#include "analyses/heap/weak_pointers.h"
#include "base/in_parallel.h"

namespace goshawk::analyses::heap {

Unneeded find_unneeded(const snapshot::Snapshot& snapshot, const graph::Reachability& live,
                       HolderPaths& paths) {
  Unneeded unneeded;
  std::vector<findings::HeapFinding>& found = unneeded.findings;
  std::vector<findings::HeapFinding> channels;
  std::optional<findings::HeapFinding> finalizers;
  FoundTimers timers;
  WeakPointers weak;
  in_parallel(5, [&](std::size_t piece) {
    if (piece == 0) {
      found = find_waste(snapshot, live, paths);
      channels = find_channels(snapshot, live, paths);
    }
    if (piece == 1) timers = find_timers(snapshot);
    if (piece == 2) finalizers = find_finalizers(snapshot);
    if (piece == 3) unneeded.lines.pools = list_pools(snapshot, live);
    if (piece == 4) weak = list_weak_pointers(snapshot, live);
  });
  for (findings::HeapFinding& one : channels) found.push_back(std::move(one));
  for (findings::HeapFinding& one : timers.findings) found.push_back(std::move(one));
  if (finalizers) found.push_back(*std::move(finalizers));
  if (auto dead = find_dead_goroutines(snapshot)) found.push_back(*std::move(dead));
  unneeded.lines.unique = std::move(weak.unique);
  unneeded.lines.weak = std::move(weak.others);
  unneeded.lines.timers = std::move(timers.lines);
  return unneeded;
}

}  // namespace goshawk::analyses::heap
