// A span's element count is (bytes - reserve) / elemsize in every release (mheap.go initSpan), and
// the reserve is what its tail holds. So the count checks what the arena's bit and the fields'
// presence say; a span that fits none of it is scanned conservatively.
#include "goruntime/facts/heap_bitmap.h"

#include "goruntime/facts/mheap.h"

namespace goshawk::goruntime {

std::uint64_t span_bits_offset(std::uint64_t span_bytes, bool inline_marks) {
  return span_bytes - span_bits_length(span_bytes) - (inline_marks ? kInlineMarkBytes : 0);
}

SpanShape find_span_shape(const Mspan& span, ArenaBitmap arena_bitmap, bool has_large_type,
                          bool inline_mark_page) {
  SpanShape shape;
  std::uint64_t bytes = span.npages * kPageBytes;
  bool small = span.sizeclass() != 0 && span.elemsize <= kLargestWithoutHeader;
  shape.inline_marks = inline_mark_page && small && span.npages == 1;
  if (span.user_arena) {
    shape.pointers = span.noscan() ? PointerShape::kNone : PointerShape::kConservative;
    return shape;
  }

  bool bits_in_span =
      arena_bitmap == ArenaBitmap::kNone && has_large_type && small && !span.noscan();
  std::uint64_t reserve =
      (bits_in_span ? span_bits_length(bytes) : 0) + (shape.inline_marks ? kInlineMarkBytes : 0);
  shape.contradictory = span.nelems != (bytes - reserve) / span.elemsize;

  if (span.noscan())
    shape.pointers = PointerShape::kNone;
  else if (arena_bitmap == ArenaBitmap::kTwoBit)
    shape.pointers = PointerShape::kArenaTwoBit;
  else if (arena_bitmap == ArenaBitmap::kOneBit)
    shape.pointers = PointerShape::kArenaOneBit;
  else if (shape.contradictory || !has_large_type)
    shape.pointers = PointerShape::kConservative;
  else if (span.sizeclass() == 0)
    shape.pointers = PointerShape::kLargeType;
  else
    shape.pointers = small ? PointerShape::kSpanBits : PointerShape::kHeader;
  return shape;
}

}  // namespace goshawk::goruntime
