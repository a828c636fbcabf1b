// How much memory this process has had at most.
#pragma once

#include <cstdint>

namespace goshawk {

// Resident bytes; 0: the kernel does not tell. What getrusage(2) says may be the parent's.
std::uint64_t read_peak_memory_bytes();

}  // namespace goshawk
