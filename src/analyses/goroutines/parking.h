// Which goroutines wait for ever on purpose: true that they never run again, yet no leaks.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// The picture must outlive it.
class Parking {
 public:
  explicit Parking(const snapshot::Snapshot& snapshot);

  // By which rule this one, which never runs again, is parked on purpose; "": it is not.
  //   - it is main, and receives from a channel or is in a select: many programs wait for their end
  //     so. Main that waits for a lock or a WaitGroup is stuck;
  //   - it is in select {}, which nobody writes by mistake, was started by main or by an init
  //     function, and is the only one left of its go statement: a service that keeps something
  //     alive. Several of one statement are leaks that add up;
  //   - it is known background (findings/known_background.h), under the same conditions.
  std::string_view why_on_purpose(const snapshot::Goroutine& goroutine) const;

 private:
  bool was_started_at_start(const snapshot::Goroutine& goroutine) const;

  const snapshot::Snapshot& snapshot_;
  std::unordered_map<std::string_view, std::unordered_map<std::uint64_t, std::uint32_t>>
      started_;  // by function and line of the go statement
};

}  // namespace goshawk::analyses::goroutines
