// Where the heap is, as ranges of addresses: what a balance of memory is drawn up by.
#pragma once

#include <vector>

#include "base/address.h"
#include "goruntime/heap/heap_layout.h"
#include "goruntime/heap/span_reader.h"
#include "target/memory.h"

namespace goshawk::goruntime {

struct HeapPlaces {
  // Each by address.
  std::vector<AddressRange> spans;         // in use, for objects
  std::vector<AddressRange> stack_spans;   // lent to stacks, used or not
  std::vector<AddressRange> work_buffers;  // lent to the collector
  std::vector<AddressRange> arenas;        // whatever of them is in none of the above is free

  // The runtime's own, outside of the arenas.
  std::vector<AddressRange> descriptors;  // of arenas, and the lists of arenas and spans
  std::vector<Address> mspan_pages;       // with mspans of spans in use
  std::vector<Address> bit_pages;         // with allocation and mark bits of these
};

HeapPlaces find_heap_places(const target::Memory& memory, const HeapLayout& layout, Address mheap,
                            const HeapSpans& spans);

}  // namespace goshawk::goruntime
