// How fast this machine copies memory: what reading a process comes down to.
#pragma once

namespace goshawk {

// Bytes a second, with a thread on each processor; the best of a few tries. Takes some tens of
// milliseconds, and 32 MB for each thread.
double measure_copy_speed();

}  // namespace goshawk
