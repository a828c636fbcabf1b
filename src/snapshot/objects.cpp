// Numbering of objects and the way back from an address; see objects.h for the picture.
#include "snapshot/objects.h"

#include <algorithm>
#include <cassert>

namespace goshawk::snapshot {

Objects::Objects(std::vector<Span> spans) : spans_(std::move(spans)) {
  std::uint64_t next = 0;
  for (Span& span : spans_) {
    if (!span.noscan) ++scannable_;
    span.first = static_cast<ObjectId>(next);
    next += span.slots + std::uint64_t{1};
    if (!span.noscan) row_count_ = static_cast<std::uint32_t>(next);
  }
  assert(next < kNone && "more objects than 32 bits can number");
  count_ = static_cast<std::uint32_t>(next);
  allocated.resize((count_ + std::uint64_t{63}) / 64);
}

const Span& Objects::span_of(ObjectId object) const {
  auto after = std::ranges::upper_bound(spans_, object, {}, &Span::first);
  return *(after - 1);
}

Address Objects::address(ObjectId object) const {
  const Span& span = span_of(object);
  return span.base + (object - span.first) * span.element_size_bytes;
}

namespace {

std::optional<ObjectId> find_in(std::span<const Span> spans, Address address) {
  auto after = std::ranges::upper_bound(spans, address, {}, &Span::base);
  if (after == spans.begin()) return std::nullopt;
  const Span& span = *(after - 1);
  if (span.element_size_bytes == 0) return std::nullopt;
  std::uint64_t slot = (address - span.base) / span.element_size_bytes;
  if (slot >= span.slots) return std::nullopt;
  return span.first + static_cast<ObjectId>(slot);
}

}  // namespace

std::optional<ObjectId> Objects::find(Address address) const {
  std::span<const Span> all(spans_);
  if (auto found = find_in(all.first(scannable_), address)) return found;
  return find_in(all.subspan(scannable_), address);
}

}  // namespace goshawk::snapshot
