#include "analyses/heap/unneeded.h"

#include <utility>

#include "analyses/heap/dead_goroutines.h"
#include "analyses/heap/finalizers.h"
#include "analyses/heap/timers.h"
#include "analyses/heap/waste.h"

namespace goshawk::analyses::heap {

std::vector<findings::HeapFinding> find_unneeded(const snapshot::Snapshot& snapshot,
                                                 const graph::Reachability& live,
                                                 HolderPaths& paths) {
  std::vector<findings::HeapFinding> found = find_waste(snapshot, live, paths);
  for (findings::HeapFinding& timers : find_timers(snapshot)) found.push_back(std::move(timers));
  if (auto finalizers = find_finalizers(snapshot)) found.push_back(*std::move(finalizers));
  if (auto dead = find_dead_goroutines(snapshot)) found.push_back(*std::move(dead));
  return found;
}

}  // namespace goshawk::analyses::heap
