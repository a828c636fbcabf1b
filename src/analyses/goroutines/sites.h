// At which site a goroutine of a picture is: what it does, where, and who started it. The same
// numbers for all pictures of one program.
#pragma once

#include <compare>
#include <map>
#include <vector>

#include "analyses/goroutines/growth.h"
#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

struct Site {
  // kNotWaiting: it runs, sleeps or is in a system call, by turns. Then `at` is the goroutine's own
  // function, for where in it changes.
  snapshot::WaitKind kind = snapshot::WaitKind::kNotWaiting;
  bool will_time_out = false;  // its wait for the network has a deadline
  findings::CodePlace at;
  findings::CodePlace created_by;
  auto operator<=>(const Site&) const = default;
};

// Runs, sleeps or is in a system call.
bool is_at_work(const snapshot::Goroutine& goroutine);
Site site_of(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);

class Sites {
 public:
  // In the order of the picture's goroutines.
  std::vector<Sighting> sight(const snapshot::Snapshot& snapshot);

 private:
  std::map<Site, SiteId> numbers_;
};

}  // namespace goshawk::analyses::goroutines
