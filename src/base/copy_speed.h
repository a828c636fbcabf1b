// How fast this machine copies memory: what reading a process comes down to.
#pragma once

namespace goshawk {

// Bytes a second that all processors together copy while they do nothing else; the best of a few
// tries. Takes some tens of milliseconds, and 32 MB.
double measure_copy_speed();

}  // namespace goshawk
