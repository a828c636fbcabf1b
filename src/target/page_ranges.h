// Sets of pages, as few ranges.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/address.h"

namespace goshawk::target {

inline constexpr std::uint64_t kPageBytes = 4096;  // of the architectures whose calls are injected

// In order; no two touch each other.
class PageRanges {
 public:
  PageRanges() = default;
  // In any order, on top of each other or not.
  explicit PageRanges(std::vector<AddressRange> ranges) : ranges_(std::move(ranges)) {
    std::ranges::sort(ranges_, {}, &AddressRange::start);
    std::size_t kept = 0;
    for (AddressRange range : ranges_) {
      if (range.size_bytes() == 0) continue;
      if (kept > 0 && range.start <= ranges_[kept - 1].end)
        ranges_[kept - 1].end = std::max(ranges_[kept - 1].end, range.end);
      else
        ranges_[kept++] = range;
    }
    ranges_.resize(kept);
  }

  // The first one that ends behind `address`; end() when none does.
  auto find_from(Address address) const {
    return std::ranges::upper_bound(ranges_, address, {}, &AddressRange::end);
  }
  bool contains(Address address) const {
    auto found = find_from(address);
    return found != ranges_.end() && found->start <= address;
  }
  bool overlaps(AddressRange range) const {
    auto found = find_from(range.start);
    return found != ranges_.end() && found->start < range.end;
  }
  // From `address` on, all of them in the set, or none; at most up to `end`.
  Address end_of_same(Address address, Address end) const {
    auto found = find_from(address);
    if (found == ranges_.end()) return end;
    return std::min(end, found->start <= address ? found->end : found->start);
  }

  auto begin() const { return ranges_.begin(); }
  auto end() const { return ranges_.end(); }
  bool empty() const { return ranges_.empty(); }
  std::uint64_t size_bytes() const {
    std::uint64_t bytes = 0;
    for (const AddressRange& range : ranges_) bytes += range.size_bytes();
    return bytes;
  }
  // What is in either.
  PageRanges joined(const PageRanges& other) const {
    std::vector<AddressRange> all = ranges_;
    all.insert(all.end(), other.ranges_.begin(), other.ranges_.end());
    return PageRanges(std::move(all));
  }

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace goshawk::target
