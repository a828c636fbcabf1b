// Goroutines of which only several pictures tell that they leak: those of a site that grows.
#pragma once

#include <map>
#include <vector>

#include "analyses/goroutines/groups.h"
#include "analyses/goroutines/leaks.h"
#include "analyses/goroutines/standing.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

class GrowingSites {
 public:
  // Both must outlive it.
  GrowingSites(const snapshot::Snapshot& snapshot, const Series& series)
      : snapshot_(snapshot), series_(series) {}

  // One of whom nothing stronger is told; whoever growth is not asked about is left out.
  void add(std::size_t goroutine, Standing standing);
  // Those that grow become groups; gives their members.
  std::vector<std::size_t> tell(Groups& groups) const;

 private:
  const snapshot::Snapshot& snapshot_;
  const Series& series_;
  std::map<SiteId, Group> sites_;
};

}  // namespace goshawk::analyses::goroutines
