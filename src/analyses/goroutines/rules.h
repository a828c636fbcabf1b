// Which rule names a leaked goroutine's pattern, and what to tell about it. The rule is a name for
// readers, never a part of the proof.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// How many goroutines wait on each address: a result that nobody takes has one sender.
class WaiterCounts {
 public:
  explicit WaiterCounts(const snapshot::Snapshot& snapshot);
  std::uint32_t of(Address waited_on) const;

 private:
  std::unordered_map<Address, std::uint32_t> counts_;
};

std::string_view choose_rule(const snapshot::Snapshot& snapshot, const WaiterCounts& waiters,
                             const snapshot::Goroutine& goroutine);

// The frame a reader looks for: the innermost one that is not the runtime's or a lock's own; kNone
// for an empty stack.
snapshot::FrameId find_blocking_frame(const snapshot::Snapshot& snapshot,
                                      const snapshot::Goroutine& goroutine);

// One sentence on what the members of a group wait on, and one line of advice.
std::string describe_waits(const snapshot::Snapshot& snapshot,
                           const std::vector<const snapshot::Goroutine*>& group);
std::string advise(std::string_view rule, const snapshot::Snapshot& snapshot,
                   const snapshot::Goroutine& member);

}  // namespace goshawk::analyses::goroutines
