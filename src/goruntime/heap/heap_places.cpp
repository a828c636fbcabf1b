// Every arena is in one of the heap's lists of them, also one without a span; those that have spans
// are known anyway. A list that says nonsense (an index beyond the table, an arena without a
// descriptor) is left out to that extent.
#include "goruntime/heap/heap_places.h"

#include <algorithm>

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kSmallPageBytes = 4096;

struct Slice {
  std::uint64_t data, length, capacity;
};

std::vector<std::uint64_t> find_arenas(const target::Memory& memory, const MheapFact& fact,
                                       Address mheap, const HeapSpans& spans) {
  std::vector<std::uint64_t> indices = spans.arenas.indices();
  for (std::uint32_t list : fact.arena_lists) {
    auto slice = memory.read_value<Slice>(mheap + list);
    if (!slice || slice->length > slice->capacity || slice->length > kArenaTableLength) continue;
    auto listed = memory.read_array<std::uint64_t>(Address(slice->data), slice->length);
    if (!listed) continue;
    std::erase_if(*listed, [](std::uint64_t index) { return index >= kArenaTableLength; });
    indices.insert(indices.end(), listed->begin(), listed->end());
  }
  std::ranges::sort(indices);
  indices.erase(std::ranges::unique(indices).begin(), indices.end());
  return indices;
}

void add_arenas(const target::Memory& memory, const HeapLayout& layout, Address mheap,
                const HeapSpans& spans, HeapPlaces& places) {
  auto table = memory.read_value<std::uint64_t>(mheap + layout.mheap.arenas);
  if (!table) return;
  places.descriptors.push_back({Address(*table), Address(*table) + kArenaTableLength * 8});
  for (std::uint64_t index : find_arenas(memory, layout.mheap, mheap, spans)) {
    auto descriptor = memory.read_value<std::uint64_t>(Address(*table) + index * 8);
    if (!descriptor || *descriptor == 0) continue;
    Address start = layout.mheap.arena_start(index);
    places.arenas.push_back({start, start + kArenaBytes});
    places.descriptors.push_back(
        {Address(*descriptor), Address(*descriptor) + spans.arena.size_bytes});
  }
  std::ranges::sort(places.arenas, {}, &AddressRange::start);
}

void add_list_of_spans(const target::Memory& memory, Address list, HeapPlaces& places) {
  auto slice = memory.read_value<Slice>(list);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
  if (slice && slice->capacity <= kMost)
    places.descriptors.push_back(
        {Address(slice->data), Address(slice->data) + slice->capacity * 8});
}

void keep_pages(std::vector<Address>& addresses) {
  for (Address& address : addresses) address = Address(address.value() & ~(kSmallPageBytes - 1));
  std::ranges::sort(addresses);
  addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
}

}  // namespace

HeapPlaces find_heap_places(const target::Memory& memory, const HeapLayout& layout, Address mheap,
                            const HeapSpans& spans) {
  HeapPlaces places;
  for (const InUseSpan& span : spans.in_use) {
    Address base = span.mspan.base;
    places.spans.push_back({base, base + span.mspan.npages * kPageBytes});
    places.mspan_pages.push_back(span.mspan.address);
    places.bit_pages.push_back(span.mspan.alloc_bits);
    places.bit_pages.push_back(span.mspan.gcmark_bits);
  }
  std::ranges::sort(places.spans, {}, &AddressRange::start);
  for (const PageRange& lent : spans.stacks)
    (lent.for_stacks ? places.stack_spans : places.work_buffers)
        .push_back({lent.base, lent.base + lent.npages * kPageBytes});
  keep_pages(places.mspan_pages);
  keep_pages(places.bit_pages);
  add_arenas(memory, layout, mheap, spans, places);
  add_list_of_spans(memory, mheap + layout.mheap.allspans, places);
  return places;
}

}  // namespace goshawk::goruntime
