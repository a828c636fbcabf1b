// Memory that the runtime has mapped for itself outside of the heap's arenas.
#pragma once

#include <string>
#include <vector>

#include "base/address.h"
#include "goruntime/heap/heap_places.h"
#include "goruntime/layout/layout.h"
#include "goruntime/symbols/modules.h"
#include "snapshot/binding.h"
#include "target/memory.h"
#include "target/target.h"

namespace goshawk::goruntime {

// Ranges, in no order; they may overlap. What is not found is not in them; `bindings` says so.
std::vector<AddressRange> find_runtime_memory(const target::Memory& memory,
                                              const std::vector<target::Mapping>& mappings,
                                              const Modules& modules, Address mheap,
                                              const LayoutSource& layout, const HeapPlaces& heap,
                                              std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
