// A timer's channel is sent to by its timer only. So who reaches it through an idle timer can wake
// nobody, unless by setting that again: where the program has code for this, the timer is no wall.
// Who reaches the channel by another way counts as somebody who wakes, as with all channels.
#include "analyses/goroutines/walls.h"

#include <algorithm>

#include "analyses/goroutines/lasting_contexts.h"

namespace goshawk::analyses::goroutines {

std::vector<graph::Node> find_walls(const snapshot::Snapshot& snapshot) {
  std::vector<graph::Node> walls = find_lasting_children_maps(snapshot);
  for (const snapshot::IdleTimer& timer : snapshot.idle_timers)
    if (!timer.may_be_set_again) walls.push_back(timer.object);
  std::ranges::sort(walls);
  walls.erase(std::ranges::unique(walls).begin(), walls.end());
  return walls;
}

}  // namespace goshawk::analyses::goroutines
