// Two shapes: a sorted slice of {key, value} strings, or a classic map (runtime/map.go before Swiss
// tables): hmap{count, flags u8, B u8 @9, buckets @16, oldbuckets @24}, buckets of 8 slots with
// tophash[8], keys, values, overflow. A map being grown is read from both arrays.
#include "goruntime/goroutines/labels.h"

#include <algorithm>

#include "goruntime/facts/goroutine_labels.h"

namespace goshawk::goruntime {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

constexpr std::uint64_t kMaxLabels = 256;
constexpr std::uint64_t kMaxTextBytes = 4096;
constexpr std::uint64_t kBucketSlots = 8;
constexpr std::uint64_t kStringBytes = 16;
constexpr std::uint64_t kBucketBytes = kBucketSlots + kBucketSlots * 2 * kStringBytes + 8;
constexpr std::uint8_t kMinTopHash = 5;  // below: empty or evacuated

std::string read_string(PageCache& cache, Address header) {
  Address data = cache.pointer(header);
  std::uint64_t length = cache.value<std::uint64_t>(header + 8).value_or(0);
  if (length == 0 || length > kMaxTextBytes) return {};
  std::string text(length, '\0');
  if (!cache.read(data, std::as_writable_bytes(std::span(text)))) return {};
  return text;
}

Labels read_list(PageCache& cache, Address slice) {
  Labels labels;
  Address data = cache.pointer(slice);
  std::uint64_t length = std::min(cache.value<std::uint64_t>(slice + 8).value_or(0), kMaxLabels);
  for (std::uint64_t i = 0; i < length; ++i) {
    Address label = data + i * 2 * kStringBytes;
    labels.emplace_back(read_string(cache, label), read_string(cache, label + kStringBytes));
  }
  return labels;
}

void read_bucket_chain(PageCache& cache, Address bucket, Labels& labels) {
  for (std::uint64_t links = 0; !bucket.is_null() && links < kMaxLabels; ++links) {
    for (std::uint64_t slot = 0; slot < kBucketSlots && labels.size() < kMaxLabels; ++slot) {
      if (cache.value<std::uint8_t>(bucket + slot).value_or(0) < kMinTopHash) continue;
      Address key = bucket + kBucketSlots + slot * kStringBytes;
      labels.emplace_back(read_string(cache, key),
                          read_string(cache, key + kBucketSlots * kStringBytes));
    }
    bucket = cache.pointer(bucket + kBucketBytes - 8);
  }
}

Labels read_map(PageCache& cache, Address map) {
  Labels labels;
  std::uint8_t log_buckets = cache.value<std::uint8_t>(map + 9).value_or(0);
  if (map.is_null() || log_buckets > 8) return labels;
  std::uint64_t count = std::uint64_t{1} << log_buckets;
  Address buckets = cache.pointer(map + 16), old_buckets = cache.pointer(map + 24);
  for (std::uint64_t i = 0; !buckets.is_null() && i < count; ++i)
    read_bucket_chain(cache, buckets + i * kBucketBytes, labels);
  for (std::uint64_t i = 0; !old_buckets.is_null() && i < std::max<std::uint64_t>(1, count / 2);
       ++i)
    read_bucket_chain(cache, old_buckets + i * kBucketBytes, labels);
  return labels;
}

}  // namespace

Labels read_labels(PageCache& cache, const GoVersion& version, Address label_map) {
  if (label_map.is_null()) return {};
  Labels labels = facts::labels_are_a_list(version) ? read_list(cache, label_map)
                                                    : read_map(cache, cache.pointer(label_map));
  std::ranges::sort(labels);
  labels.erase(std::ranges::unique(labels).begin(), labels.end());
  return labels;
}

}  // namespace goshawk::goruntime
