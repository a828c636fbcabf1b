// Binds runtime.mheap. The base of the arena index is a constant that DWARF names; without it the
// architecture tells: amd64 addresses are sign-extended, the others are not (runtime/malloc.go
// arenaBaseOffset). A wrong one cannot stay unseen: every span is looked up through it.
#include "goruntime/facts/mheap.h"

namespace goshawk::goruntime {

Result<MheapFact> MheapFact::bind(const LayoutSource& layout, std::string_view arch) {
  MheapFact fact;
  fact.allspans = TRY(layout.need_offset("runtime.mheap", "allspans"));
  fact.sweepgen = TRY(layout.need_offset("runtime.mheap", "sweepgen"));
  fact.arenas = TRY(layout.need_offset("runtime.mheap", "arenas"));
  for (std::string_view list : {"allArenas", "heapArenas", "userArenaArenas"})
    if (auto field = layout.field("runtime.mheap", list)) fact.arena_lists.push_back(field->offset);
  if (auto bytes = layout.constant("heapArenaBytes"); bytes && *bytes != std::int64_t{kArenaBytes})
    return fail(Missing{"runtime.heapArenaBytes of 64 MiB", "reading the heap"});
  if (auto base = layout.constant("arenaBaseOffsetUintptr"))
    fact.arena_base_offset = static_cast<std::uint64_t>(*base);
  else
    fact.arena_base_offset = arch == "amd64" ? 0xffff800000000000ULL : 0;
  return fact;
}

}  // namespace goshawk::goruntime
