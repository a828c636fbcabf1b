// Where the pointer bits of a span's objects are: a shape for each span.
//
//   release  where                                   symbol
//   1.19     the arena's metadata, two bits a word    heapArena.bitmap, heapBits
//   1.20     the arena's metadata, one bit a word     heapArena.bitmap + noMorePtrs
//   1.22     objects to 512 bytes: at the end of their span (mspan.heapBits); larger ones: the
//            type in the slot's first word (malloc header); one that has a span: mspan.largeType
//   1.26     (1.25 with GOEXPERIMENT=greenteagc) spans of 16..512 bytes end with 128 bytes of
//   inline
//            mark bits; the pointer bits lie before these
//
// Experiments (noallocheaders, greenteagc, nogreenteagc) mix the rows, so it is told for each span
// by what its arena and its own element count say, never by the release.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "goruntime/facts/heap_arena.h"
#include "goruntime/facts/mspan.h"

namespace goshawk::goruntime {

enum class PointerShape : std::uint8_t {
  kNone,  // noscan: no pointers
  kArenaTwoBit,
  kArenaOneBit,
  kSpanBits,      // a bit for each word, at SpanTail::pointer_bits
  kHeader,        // the slot's first word is the type
  kLargeType,     // the span says the type
  kConservative,  // every word may be a pointer (user arenas, contradictions)
};

inline constexpr std::uint64_t kLargestWithoutHeader =
    512;  // internal/runtime/gc MinSizeForMallocHeader
inline constexpr std::uint64_t kMallocHeaderBytes = 8;
inline constexpr std::uint64_t kInlineMarkBytes = 128;   // sizeof(spanInlineMarkBits)
inline constexpr std::uint64_t kInlineMarksOffset = 64;  // of marks in it
inline constexpr std::uint64_t kInlineMarksLength = 63;

struct SpanShape {
  PointerShape pointers = PointerShape::kNone;
  bool inline_marks = false;
  bool contradictory = false;  // the element count fits no known way of laying out such a span
};

// inline_mark_page: what pageUseSpanInlineMarkBits says of the span's first page.
SpanShape find_span_shape(const Mspan& span, ArenaBitmap arena_bitmap, bool has_large_type,
                          bool inline_mark_page);

// Offsets from the span's base.
std::uint64_t span_bits_offset(std::uint64_t span_bytes, bool inline_marks);
inline std::uint64_t span_bits_length(std::uint64_t span_bytes) { return span_bytes / 64; }
inline std::uint64_t inline_marks_offset(std::uint64_t span_bytes) {
  return span_bytes - kInlineMarkBytes + kInlineMarksOffset;
}

}  // namespace goshawk::goruntime
