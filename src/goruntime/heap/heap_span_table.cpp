// Addresses of an arena's pointer bits: a word's place in its arena decides.
#include "goruntime/heap/heap_span_table.h"

namespace goshawk::goruntime {

Address HeapSpanTable::arena_bits_of(Address address) const {
  Address heap_arena = arenas.find(mheap.arena_index(address));
  if (heap_arena.is_null()) return {};
  std::uint64_t word = address.value() % kArenaBytes / 8;
  std::uint64_t words_a_byte = arena.bitmap_kind == ArenaBitmap::kTwoBit ? 4 : 8;
  return heap_arena + arena.bitmap + word / words_a_byte;
}

Address HeapSpanTable::no_more_of(Address address) const {
  Address heap_arena = arenas.find(mheap.arena_index(address));
  if (heap_arena.is_null()) return {};
  return heap_arena + arena.no_more_pointers + address.value() % kArenaBytes / 8 / 64 / 8;
}

}  // namespace goshawk::goruntime
