// Where runtime.mheap_ keeps the lists of its spans and arenas.
//
//   release  runtime/mheap.go  what changed
//   1.19     mheap             sweepgen, allspans, arenas all there; offsets differ in each release
//   1.25     mheap             allArenas split into heapArenas and userArenaArenas
//
// The address space is cut into arenas of 64 MiB; arenas[0] is the one table of the second level
// that linux uses (arenaL1Bits == 0), indexed by (address - arenaBaseOffset) / 64 MiB.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

inline constexpr std::uint64_t kPageBytes = 8192;  // runtime/malloc.go pageSize
inline constexpr std::uint64_t kArenaBytes = std::uint64_t{64} << 20;
inline constexpr std::uint64_t kPagesPerArena = kArenaBytes / kPageBytes;

// arenaIndex() of addresses that the runtime can have; more is no address.
inline constexpr std::uint64_t kArenaTableLength = std::uint64_t{1} << 22;

struct MheapFact {
  std::uint32_t allspans = 0;              // []*mspan
  std::uint32_t sweepgen = 0;              // uint32
  std::uint32_t arenas = 0;                // [1]*[4M]*heapArena
  std::vector<std::uint32_t> arena_lists;  // []arenaIdx each; all arenas are in one of them
  std::uint64_t arena_base_offset = 0;

  std::uint64_t arena_index(Address address) const {
    return (address.value() - arena_base_offset) / kArenaBytes;
  }
  Address arena_start(std::uint64_t index) const {
    return Address(index * kArenaBytes + arena_base_offset);
  }

  static Result<MheapFact> bind(const LayoutSource& layout, std::string_view arch);
};

}  // namespace goshawk::goruntime
