// A timer's channel is sent to by its timer only. So who reaches it through an idle timer can wake
// nobody, unless by setting that again: where the program has code for this, the timer is no wall.
// Who reaches the channel by another way counts as somebody who wakes, as with all channels; but
// not where it is asked who waits for the timer to be set again.
#include "analyses/goroutines/walls.h"

#include <algorithm>

#include "analyses/goroutines/lasting_contexts.h"

namespace goshawk::analyses::goroutines {

std::vector<graph::Node> find_walls(const snapshot::Snapshot& snapshot, IdleTimers timers) {
  std::vector<graph::Node> walls = find_lasting_children_maps(snapshot);
  std::vector<graph::Node> tables = find_request_tables(snapshot);
  walls.insert(walls.end(), tables.begin(), tables.end());
  for (const snapshot::IdleTimer& timer : snapshot.idle_timers) {
    bool all = timers == IdleTimers::kNeverSetAgain;
    if (all || !timer.may_be_set_again) walls.push_back(timer.object);
    if (all) walls.push_back(timer.channel);
  }
  std::ranges::sort(walls);
  walls.erase(std::ranges::unique(walls).begin(), walls.end());
  return walls;
}

}  // namespace goshawk::analyses::goroutines
