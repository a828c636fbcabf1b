// Whether a process runs at all.
#pragma once

#include <cstdint>

namespace goshawk::target {

// By SIGSTOP or its like, until a SIGCONT comes. False where there is no such process.
bool is_stopped_by_signal(std::int64_t pid);

}  // namespace goshawk::target
