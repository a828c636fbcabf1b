// Side by side: none of the three needs another, and none can be shared out.
#include "inspection/groundwork.h"

#include "analyses/heap/live_objects.h"
#include "base/in_parallel.h"

namespace goshawk::inspection {

Groundwork lay_groundwork(Taken& taken) {
  Groundwork ground;
  in_parallel(3, [&](std::size_t piece) {
    if (piece == 0) taken.conclude_types();
    if (piece == 1) ground.tree.emplace(taken.picture);
    if (piece == 2) ground.live.emplace(analyses::heap::mark_live_objects(taken.picture));
  });
  return ground;
}

}  // namespace goshawk::inspection
