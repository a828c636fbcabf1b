// Binds runtime.heapArena by which of its members there are.
#include "goruntime/facts/heap_arena.h"

namespace goshawk::goruntime {

namespace {

constexpr std::uint32_t kTwoBitBitmapBytes = 2 << 20;
constexpr std::uint32_t kOneBitBitmapBytes = 1 << 20;
constexpr std::uint32_t kNoMorePointersBytes = kOneBitBitmapBytes / 8 / 8;

std::optional<Field> find_bitmap_field(const LayoutSource& layout, std::string_view name) {
  if (auto direct = layout.field("runtime.heapArena", name)) return direct;
  return layout.field("runtime.heapArena", "heapArenaPtrScalar." + std::string(name));
}

HeapArenaFact without_allocation_headers() {
  HeapArenaFact fact;
  fact.bitmap_kind = ArenaBitmap::kOneBit;
  fact.no_more_pointers = kOneBitBitmapBytes;
  fact.spans = kOneBitBitmapBytes + kNoMorePointersBytes;
  fact.size_bytes = fact.spans + (64 << 10);  // and flags of pages, less than a page of them
  return fact;
}

}  // namespace

Result<std::vector<HeapArenaFact>> HeapArenaFact::bind(const LayoutSource& layout) {
  HeapArenaFact fact;
  fact.size_bytes = layout.size_of("runtime.heapArena").value_or(0);
  fact.spans = TRY(layout.need_offset("runtime.heapArena", "spans"));
  if (auto field = layout.field("runtime.heapArena", "pageUseSpanInlineMarkBits"))
    fact.inline_mark_pages = field->offset;

  auto bitmap = find_bitmap_field(layout, "bitmap");
  if (!bitmap) return std::vector{fact, without_allocation_headers()};

  fact.bitmap = bitmap->offset;
  auto no_more = find_bitmap_field(layout, "noMorePtrs");
  if (no_more && bitmap->size_bytes == kOneBitBitmapBytes) {
    fact.bitmap_kind = ArenaBitmap::kOneBit;
    fact.no_more_pointers = no_more->offset;
  } else if (!no_more && bitmap->size_bytes == kTwoBitBitmapBytes) {
    fact.bitmap_kind = ArenaBitmap::kTwoBit;
  } else {
    return fail(Missing{"runtime.heapArena.bitmap of a known shape", "pointers of heap objects"});
  }
  return std::vector{fact};
}

}  // namespace goshawk::goruntime
