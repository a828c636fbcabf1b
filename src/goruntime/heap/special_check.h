// Whether the records of specials are what the layout says: no program describes them, so a table
// alone says where their fields are.
#pragma once

#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/heap/heap.h"
#include "goruntime/heap/heap_layout.h"
#include "goruntime/heap/specials.h"

namespace goshawk::goruntime {

// `records` are those of `entries`, one by one; `texts` where the program's functions are. Missing
// when the records as a whole are something else; a single contradiction is a doubt.
Result<void> check_specials(const target::Memory& memory, const HeapLayout& layout,
                            const std::vector<SpecialEntry>& entries,
                            const std::vector<SpecialRecord>& records, const HeapSpans& spans,
                            std::span<const AddressRange> texts,
                            std::vector<snapshot::Doubt>& doubts,
                            std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
