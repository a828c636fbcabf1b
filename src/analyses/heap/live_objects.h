// Which objects the collector would keep: what its roots and all goroutines reach, leaked ones too,
// for it frees none of these.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "findings/inventory.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::heap {

// Whether the collector starts from it too.
bool keeps_alive(const snapshot::Root& root);

// Of the heap's objects and nothing else; refers to the picture. What only roots of the kinds
// `without` would keep is left out; with kTimer, what the runtime's own lists hold too, for these
// are its heaps of timers.
graph::Reachability mark_live_objects(const snapshot::Snapshot& snapshot,
                                      std::optional<snapshot::RootKind> without = {});

// What would be live if `objects`, in any order, were there and led nowhere; `without` as above.
graph::Reachability mark_live_objects_not_behind(const snapshot::Snapshot& snapshot,
                                                 std::span<const snapshot::ObjectId> objects,
                                                 std::optional<snapshot::RootKind> without = {});

findings::Amount add_up_live_objects(const snapshot::Snapshot& snapshot,
                                     const graph::Reachability& live);

// What more is reached, step by step, than was marked.
class MoreReached {
 public:
  // Both must outlive it.
  MoreReached(const snapshot::Snapshot& snapshot, const graph::Reachability& marked);
  // The bytes of what `objects` reach and neither the marks nor those before did.
  std::uint64_t reach_from(std::span<const snapshot::ObjectId> objects);
  // The same from what `object` refers to.
  std::uint64_t reach_behind(snapshot::ObjectId object);
  bool is_reached(snapshot::ObjectId object) const {
    return marked_.is_marked(object) || (seen_[object / 64] >> (object % 64) & 1) != 0;
  }

 private:
  const snapshot::Snapshot& snapshot_;
  const graph::Reachability& marked_;
  std::vector<std::uint64_t> seen_;  // a bit for each object
  std::vector<snapshot::ObjectId> work_;
};

}  // namespace goshawk::analyses::heap
