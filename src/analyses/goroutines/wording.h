// What is told of a group of leaked goroutines: what they wait on, and why nobody wakes them. How
// to mend it: advice.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyses/goroutines/holders.h"
#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// One sentence. What is not the same for all members is left out of it.
std::string describe_waits(std::string_view rule, const snapshot::Snapshot& snapshot,
                           const std::vector<const snapshot::Goroutine*>& group);

// What one of its waits is for, whatever became of it: "to send to a full (capacity 4) channel of
// int", "for a sync.Mutex".
std::string describe_wait(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine,
                          const snapshot::Wait& wait);

// Why what holds them will not wake them; one sentence.
std::string describe_holder(Holder holder);

// That it grows and rests on nothing else; one sentence.
std::string describe_growth(const findings::Growth& growth);

}  // namespace goshawk::analyses::goroutines
