// Memory that the runtime takes from the kernel for good, and parcels out itself.
//
//   release  runtime/malloc.go persistentalloc, runtime/mheap.go gcBitsArena
//   1.19     chunks of 256 KiB, each with the address of the one before in its first word, the last
//            one in runtime.persistentChunks; arenas of 64 KiB for mark and allocation bits, each
//            with the index of its next free byte and the address of the next arena in front, in
//            four lists of runtime.gcBitsArenas
//   1.27     the same
//
// All mspans lie in such chunks, all bits of spans in such arenas: by that the variables are known.
#pragma once

#include <cstdint>

namespace goshawk::goruntime {

inline constexpr std::uint64_t kPersistentChunkBytes = 256 << 10;
inline constexpr std::uint64_t kGcBitsArenaBytes = 64 << 10;
inline constexpr std::uint64_t kGcBitsHeaderBytes = 16;

}  // namespace goshawk::goruntime
