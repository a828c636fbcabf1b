// How much memory Goshawk will want for a heap, by what is known before its contents are read: said
// in time, where it is more than there is or than is allowed.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "snapshot/objects.h"

namespace goshawk::goruntime {

// Resident bytes at the peak of what follows: the picture, and what is made of it. `types`: also
// whose what is, and of which type.
std::uint64_t predict_memory_bytes(const snapshot::Objects& objects, std::uint64_t goroutines,
                                   bool types);

// So much more where it is read ahead of its stop: the spans twice, the rows of a program at work
// too, and copies of what is no object, such as `stack_bytes`.
std::uint64_t predict_bytes_ahead(const snapshot::Objects& objects, std::uint64_t goroutines,
                                  std::uint64_t stack_bytes);

// Missing when it is more than `max_memory_bytes`; 0: than what this machine, or the cgroup that we
// are in, has left.
Result<void> check_memory(std::uint64_t predicted_bytes, std::uint64_t max_memory_bytes);

}  // namespace goshawk::goruntime
