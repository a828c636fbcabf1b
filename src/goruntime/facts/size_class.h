// The sizes of the slots that the runtime cuts its spans into, and so what an allocation is rounded
// up to.
//
//   release  symbol                                   what changed
//   1.19     runtime.class_to_size                    67 classes up to 32 KiB, whole pages above
//   1.26     internal/runtime/gc.SizeClassToSize      the same numbers, another place
#pragma once

#include <cstdint>

namespace goshawk::goruntime {

inline constexpr std::uint64_t kLargestSlotBytes = 32768;

// Of an allocation of so many bytes (a malloc header counted with them). 0 for what none has: no
// bytes, or more than a target can have.
std::uint64_t find_slot_bytes(std::uint64_t size_bytes);

}  // namespace goshawk::goruntime
