// Which rule names a leaked goroutine's pattern: a name for readers, never a part of the proof.
#pragma once

#include <span>
#include <string_view>
#include <unordered_map>

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

// Of a goroutine that may run again, though there are more and more of its kind; empty: no rule
// speaks of such ones.
std::string_view choose_rule_of_growth(const snapshot::Snapshot& snapshot,
                                       const WaiterCounts& waiters,
                                       const snapshot::Goroutine& goroutine);

// Of one that only looks stuck: nothing is said of who can cancel a context that it waits for.
std::string_view choose_rule_of_suspicion(const snapshot::Snapshot& snapshot,
                                          const WaiterCounts& waiters,
                                          const snapshot::Goroutine& goroutine);

// The frame a reader looks for: the innermost one that is not the runtime's or a lock's own; kNone
// for an empty stack.
snapshot::FrameId find_blocking_frame(const snapshot::Snapshot& snapshot,
                                      const snapshot::Goroutine& goroutine);

std::span<const snapshot::Wait> waits_of(const snapshot::Snapshot& snapshot,
                                         const snapshot::Goroutine& goroutine);
std::string_view function_of(const snapshot::Snapshot& snapshot, snapshot::FrameId frame);
// "main.handle.func1" is a literal inside "main.handle".
bool is_literal_inside(std::string_view function, std::string_view outer);
// Of those that wait in a coroutine: it has called next or stop, and waits for the sequence.
bool pulls_a_value(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);
// Looks like a context's Done channel. Once only the channel is left of a context, this is all that
// can be said.
bool may_be_context_done(const snapshot::Snapshot& snapshot, const snapshot::Wait& wait);

}  // namespace goshawk::analyses::goroutines
