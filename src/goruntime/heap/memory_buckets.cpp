// Buckets are never freed, and nothing in one changes but its counts; a new one becomes the list's
// head. So the list can be walked while the target runs, and needs no stop. The published counts
// of all change together, twice in a collection, within a millisecond or so: they are read twice,
// and are of one instant when both readings agree.
//
// The runtime publishes the counts of one more cycle when it is asked in the moment between a
// collection's end and that cycle's publishing. Here they are left out then: the profile is the
// one of a moment ago.
//
// Hostile memory: the list is bounded and may not come back to where it was, and every bucket's
// hash must be that of its stack and size.
// Follows runtime/mprof.go (stkbucket, mProf_FlushLocked, memProfileInternal).
#include "goruntime/heap/memory_buckets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/byte_view.h"
#include "base/cycle_guard.h"

namespace goshawk::goruntime {
namespace {

constexpr std::size_t kMostBuckets = 4'000'000;
constexpr std::size_t kMostStackWords = 64'000'000;  // of all buckets: 512 MB
constexpr std::uint64_t kMostRecordBytes = 512;
constexpr std::uint64_t kMostCount = std::uint64_t{1} << 48;
constexpr int kMostReadings = 6;

Error contradiction(std::string_view what) {
  return Missing{
      fmt::format("the allocation records of this program contradict themselves: {}", what),
      "if it is running, try again; a newer goshawk may know its Go release"};
}

struct Record {
  MemoryCounts active, all;
  bool active_agrees = true, future_agrees = true;
};

MemoryCounts parse_cycle(const facts::MemoryBucketFact& fact, ByteView cycle, std::uint64_t size,
                         bool& agrees) {
  MemoryCounts counts{load<std::uint64_t>(cycle, fact.allocs).value_or(0),
                      load<std::uint64_t>(cycle, fact.frees).value_or(0)};
  agrees &= counts.allocs <= kMostCount && counts.frees <= kMostCount;
  if (fact.alloc_bytes)
    agrees &= load<std::uint64_t>(cycle, *fact.alloc_bytes) == counts.allocs * size;
  if (fact.free_bytes)
    agrees &= load<std::uint64_t>(cycle, *fact.free_bytes) == counts.frees * size;
  return counts;
}

std::optional<Record> read_record(PageCache& cache, const facts::MemoryBucketFact& fact,
                                  const MemoryBucket& bucket) {
  std::array<std::byte, kMostRecordBytes> buffer{};
  std::span<std::byte> bytes = std::span(buffer).first(fact.record_bytes);
  if (!cache.read(bucket.record, bytes)) return std::nullopt;
  Record record;
  auto cycle = [&](std::uint32_t offset, bool& agrees) {
    return parse_cycle(fact, slice(bytes, offset, fact.cycle_bytes), bucket.size_bytes, agrees);
  };
  record.active = cycle(fact.active, record.active_agrees);
  record.active_agrees &= record.active.frees <= record.active.allocs;
  record.all = record.active;
  for (std::uint32_t i = 0; i < fact.cycles; ++i) {
    MemoryCounts future = cycle(fact.future + i * fact.cycle_bytes, record.future_agrees);
    record.all.allocs += future.allocs;
    record.all.frees += future.frees;
  }
  return record;
}

Result<std::vector<CountedBucket>> walk(PageCache& cache, const facts::MemoryBucketFact& fact,
                                        Address newest) {
  std::vector<CountedBucket> buckets;
  CycleGuard guard;
  std::size_t words = 0;
  for (Address at = newest; !at.is_null();) {
    auto bucket = read_memory_bucket(cache, fact, at);
    if (!bucket) return fail(contradiction(fmt::format("there is none at {:#x}", at.value())));
    words += bucket->stack.size();
    if (guard.returns(at) || buckets.size() >= kMostBuckets || words > kMostStackWords)
      return fail(contradiction("their list does not end"));
    at = bucket->next;
    buckets.push_back({*std::move(bucket), {}});
  }
  return buckets;
}

struct Reading {
  std::vector<Record> records;
  bool published = false;  // a collection has been
  bool active_agree = true, future_agree = true;

  // The others change with every sample that is taken.
  bool agree() const { return active_agree && (published || future_agree); }
};

Result<Reading> read_records(const target::Memory& memory, const facts::MemoryBucketFact& fact,
                             const std::vector<CountedBucket>& buckets) {
  PageCache cache(memory);
  Reading reading;
  reading.records.reserve(buckets.size());
  for (const CountedBucket& counted : buckets) {
    auto record = read_record(cache, fact, counted.bucket);
    if (!record) return fail(contradiction("one could not be read"));
    reading.published |= record->active != MemoryCounts{};
    reading.active_agree &= record->active_agrees;
    reading.future_agree &= record->future_agrees;
    reading.records.push_back(*record);
  }
  return reading;
}

bool are_same(const Reading& one, const Reading& other) {
  return std::ranges::equal(one.records, other.records, {}, &Record::active, &Record::active);
}

void fill_counts(const Reading& reading, std::vector<CountedBucket>& buckets) {
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    MemoryCounts counts = reading.published ? reading.records[i].active : reading.records[i].all;
    // An object may be freed between the readings of both numbers.
    counts.frees = std::min(counts.frees, counts.allocs);
    buckets[i].counts = counts;
  }
}

}  // namespace

std::optional<MemoryBucket> read_memory_bucket(PageCache& cache,
                                               const facts::MemoryBucketFact& fact,
                                               Address address) {
  if (address.is_null() || !address.is_aligned(8)) return std::nullopt;
  auto word = [&](std::uint32_t offset) { return cache.value<std::uint64_t>(address + offset); };
  if (word(fact.typ) != facts::MemoryBucketFact::kMemoryType) return std::nullopt;
  auto count = word(fact.nstk), size = word(fact.size), next = word(fact.allnext);
  if (!count || *count > facts::MemoryBucketFact::kMostFrames || !size || !next)
    return std::nullopt;
  MemoryBucket bucket;
  bucket.address = address;
  bucket.next = Address(*next);
  bucket.size_bytes = *size;
  bucket.stack.resize(*count);
  if (!cache.read(address + fact.stack, std::as_writable_bytes(std::span(bucket.stack))))
    return std::nullopt;
  if (word(fact.hash) != facts::compute_bucket_hash(bucket.stack, *size)) return std::nullopt;
  bucket.record = address + fact.stack + *count * 8;
  return bucket;
}

Result<MemoryBuckets> read_memory_buckets(const target::Memory& memory,
                                          const facts::MemoryBucketFact& fact, Address newest,
                                          bool goes_on) {
  PageCache cache(memory);
  MemoryBuckets buckets{.all = TRY(walk(cache, fact, newest))};
  Reading reading = TRY(read_records(memory, fact, buckets.all));
  buckets.changed = goes_on;
  for (int i = 0; i < kMostReadings && buckets.changed; ++i) {
    Reading again = TRY(read_records(memory, fact, buckets.all));
    buckets.changed = !are_same(reading, again) || !again.agree();
    reading = std::move(again);
  }
  if (!reading.agree()) return fail(contradiction("their counts do not belong to their sizes"));
  fill_counts(reading, buckets.all);
  return buckets;
}

}  // namespace goshawk::goruntime
