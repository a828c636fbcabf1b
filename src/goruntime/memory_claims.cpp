// Each addition is cut to what nobody has claimed yet and merged in: one pass over both.
#include "goruntime/memory_claims.h"

#include <algorithm>

namespace goshawk::goruntime {

void MemoryClaims::add(std::vector<AddressRange> ranges, snapshot::MemoryPart part) {
  std::erase_if(ranges, [](const AddressRange& range) { return range.start >= range.end; });
  std::ranges::sort(ranges, {}, &AddressRange::start);
  std::vector<MemoryClaim> merged;
  merged.reserve(claims_.size() + ranges.size());
  auto old = claims_.begin();
  Address done;  // of what is added
  for (const AddressRange& range : ranges) {
    Address at = std::max(range.start, done);
    while (at < range.end) {
      while (old != claims_.end() && old->range.end <= at) merged.push_back(*old++);
      Address until = old == claims_.end() ? range.end : std::min(range.end, old->range.start);
      if (at < until) merged.push_back({{at, until}, part});
      at = until;
      if (old == claims_.end() || at >= range.end) continue;
      at = old->range.end;
    }
    done = std::max(done, range.end);
  }
  merged.insert(merged.end(), old, claims_.end());
  claims_ = std::move(merged);
}

const MemoryClaim* MemoryClaims::first_in(AddressRange range) const {
  auto found = std::ranges::upper_bound(claims_, range.start, {},
                                        [](const MemoryClaim& claim) { return claim.range.end; });
  return claims_.data() + (found - claims_.begin());
}

}  // namespace goshawk::goruntime
