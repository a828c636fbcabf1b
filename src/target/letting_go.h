// What still runs when the program that we started has ended: it runs on without us.
#pragma once

#include <cstdint>
#include <set>

#include "target/watched_process.h"

namespace goshawk::target {

// How many processes run on: of those that are watched, and of `announced` ones, which have not
// stopped at first yet. Those that end just now go on to do so. What does not stop for us in time
// the kernel lets go when we end.
std::uint64_t let_children_go(WatchedProcesses& processes, const std::set<std::int64_t>& announced);

}  // namespace goshawk::target
