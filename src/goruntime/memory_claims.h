// Whose each range of addresses is: what was claimed first stays.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/address.h"
#include "snapshot/snapshot.h"

namespace goshawk::goruntime {

struct MemoryClaim {
  AddressRange range;
  snapshot::MemoryPart part = snapshot::MemoryPart::kUntold;
};

class MemoryClaims {
 public:
  // In any order; of what overlaps, the one that begins first counts. Near linear.
  void add(std::vector<AddressRange> ranges, snapshot::MemoryPart part);

  // Those that touch `range`, from its start on.
  const MemoryClaim* first_in(AddressRange range) const;
  const MemoryClaim* end() const { return claims_.data() + claims_.size(); }

  // give(part, bytes) for each piece of `range`; what nobody claims is `otherwise`.
  template <typename Give>
  void share_out(AddressRange range, snapshot::MemoryPart otherwise, Give&& give) const;

 private:
  std::vector<MemoryClaim> claims_;  // by address, without overlaps
};

template <typename Give>
void MemoryClaims::share_out(AddressRange range, snapshot::MemoryPart otherwise,
                             Give&& give) const {
  Address at = range.start;
  for (const MemoryClaim* claim = first_in(range); claim != end() && claim->range.start < range.end;
       ++claim) {
    if (at < claim->range.start) give(otherwise, claim->range.start - at);
    Address from = std::max(at, claim->range.start);
    at = std::min(claim->range.end, range.end);
    give(claim->part, at - from);
  }
  if (at < range.end) give(otherwise, range.end - at);
}

}  // namespace goshawk::goruntime
