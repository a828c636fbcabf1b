// What is told of goroutines that wait for the network, a pipe or a file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "findings/finding.h"
#include "snapshot/snapshot.h"

namespace goshawk::analyses::goroutines {

// "to read from tcp 10.0.0.5:5432 (descriptor 7, local 10.0.0.1:40000, no deadline)"
std::string describe_io_wait(const snapshot::Snapshot& snapshot, const snapshot::IoWait& wait);

// Whether a deadline will end what it waits for, if nothing else does.
bool will_time_out(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);

// Adds to each finding of network waits how many have no deadline and who is at the other end.
void tell_network_waits(const snapshot::Snapshot& snapshot,
                        std::vector<findings::Finding>& findings);

}  // namespace goshawk::analyses::goroutines
