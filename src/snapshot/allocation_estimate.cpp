// An allocation of S bytes is sampled with the probability 1 - exp(-S / rate), so each sample
// stands for the inverse of that many. At a rate of one byte all were counted; at 0 the profiler
// has been switched off since, and what it had counted is not scaled. Follows
// runtime/pprof/protomem.go (scaleHeapSample), to the last bit.
#include "snapshot/allocation_estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace goshawk::snapshot {

namespace {

std::int64_t to_integer(double value) {
  constexpr double kMost = 9.2e18;
  return value < kMost ? static_cast<std::int64_t>(value)
                       : std::numeric_limits<std::int64_t>::max();
}

// Sums of what a hostile picture claims stay in range.
std::int64_t add_clamped(std::int64_t one, std::int64_t other) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(one, other, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

using SiteKey = std::tuple<StringId, StringId, std::uint32_t>;

struct Site {
  AllocationSite site;
  std::map<StackId, std::int64_t> in_use_by_stack;
};

AllocationSite conclude(Site& site) {
  auto largest = std::ranges::max_element(site.in_use_by_stack, {},
                                          [](const auto& entry) { return entry.second; });
  site.site.largest_stack = largest->first;
  return site.site;
}

}  // namespace

void AllocationAmount::add(const AllocationAmount& other) {
  objects = add_clamped(objects, other.objects);
  bytes = add_clamped(bytes, other.bytes);
}

void AllocationEstimate::add(const AllocationEstimate& other) {
  allocated.add(other.allocated);
  in_use.add(other.in_use);
}

AllocationAmount scale_samples(std::uint64_t count, std::uint64_t size_bytes,
                               std::uint64_t rate_bytes) {
  if (count == 0 || size_bytes == 0) return {};
  double objects = static_cast<double>(count);
  double bytes = static_cast<double>(count) * static_cast<double>(size_bytes);
  if (rate_bytes <= 1) return {to_integer(objects), to_integer(bytes)};
  double scale =
      1 / (1 - std::exp(-static_cast<double>(size_bytes) / static_cast<double>(rate_bytes)));
  return {to_integer(objects * scale), to_integer(bytes * scale)};
}

AllocationEstimate estimate(const AllocationRecord& record, std::uint64_t rate_bytes) {
  return {scale_samples(record.allocated, record.size_bytes, rate_bytes),
          scale_samples(record.allocated - record.freed, record.size_bytes, rate_bytes)};
}

AllocationEstimate estimate_total(const Allocations& allocations) {
  AllocationEstimate total;
  for (const AllocationRecord& record : allocations.records)
    total.add(estimate(record, allocations.rate_bytes));
  return total;
}

std::vector<FrameId> allocation_frames(const Snapshot& picture, StackId stack) {
  std::vector<FrameId> frames;
  for (FrameId id : picture.stacks[stack]) {
    const Frame& frame = picture.stacks.frame(id);
    if (!frame.elided && picture.strings[frame.function] != "runtime.goexit") frames.push_back(id);
  }
  return frames;
}

std::vector<AllocationSite> add_up_sites(const Snapshot& picture) {
  std::map<SiteKey, Site> by_place;
  for (const AllocationRecord& record : picture.allocations.records) {
    std::vector<FrameId> frames = allocation_frames(picture, record.stack);
    SiteKey key{kNone, kNone, 0};
    if (!frames.empty()) {
      const Frame& frame = picture.stacks.frame(frames.front());
      key = {frame.function, frame.file, frame.line};
    }
    Site& site = by_place[key];
    if (!frames.empty()) site.site.frame = frames.front();
    AllocationEstimate one = estimate(record, picture.allocations.rate_bytes);
    site.site.estimate.add(one);
    std::int64_t& in_use = site.in_use_by_stack[record.stack];
    in_use = add_clamped(in_use, one.in_use.bytes);
  }
  std::vector<AllocationSite> sites;
  for (auto& [key, site] : by_place) sites.push_back(conclude(site));
  std::ranges::stable_sort(sites, std::greater(), [](const AllocationSite& site) {
    return std::pair(site.estimate.in_use.bytes, site.estimate.allocated.bytes);
  });
  return sites;
}

}  // namespace goshawk::snapshot
