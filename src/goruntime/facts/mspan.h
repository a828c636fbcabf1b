// One run of pages: runtime.mspan.
//
//   release  runtime/mheap.go mspan
//   1.19     nelems, freeindex are words; state is mSpanStateBox
//   1.19.4   freeIndexForScan (not used here: freeindex decides what is allocated)
//   1.20     isUserArenaChunk; the value inside the state box is renamed
//   1.21     pinnerBits shift what follows
//   1.22     nelems, freeindex are uint16; largeType is the header of a large object
//   1.26     (Green Tea) nothing moves; nelems leaves room for inline mark bits
//
// Told apart by the members' own sizes and presence.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime {

enum class SpanState : std::uint8_t { kDead = 0, kInUse = 1, kManual = 2 };

struct Mspan {
  Address address;  // of the struct itself
  Address base;
  std::uint64_t npages = 0;
  std::uint64_t elemsize = 0;
  std::uint64_t nelems = 0;
  std::uint64_t freeindex = 0;
  Address alloc_bits;
  Address gcmark_bits;
  Address specials;
  Address large_type;  // null where the release has none
  std::uint32_t sweepgen = 0;
  std::uint16_t alloc_count = 0;
  std::uint8_t spanclass = 0;
  SpanState state = SpanState::kDead;
  bool user_arena = false;

  bool noscan() const { return (spanclass & 1) != 0; }
  std::uint8_t sizeclass() const { return spanclass >> 1; }
};

struct MspanFact {
  std::uint32_t size_bytes = 0;
  bool has_large_type = false;
  Field start_addr, npages, freeindex, nelems, alloc_bits, gcmark_bits, sweepgen, alloc_count,
      spanclass, state, elemsize, specials;
  std::optional<Field> user_arena, large_type;

  static Result<MspanFact> bind(const LayoutSource& layout);
  // bytes hold size_bytes at least.
  Mspan parse(Address address, ByteView bytes) const;
};

}  // namespace goshawk::goruntime
