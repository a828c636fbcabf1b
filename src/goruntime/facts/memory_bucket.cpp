// runtime.bucket, runtime.memRecord, runtime.memRecordCycle (runtime/mprof.go).
//
//   release  change
//   1.11     memRecord has an active cycle and three future ones
//   1.20     a marker without size instead of //go:notinheap: no field moves
//   1.23     up to 1024 frames, by GODEBUG=profstackdepth, instead of 32
//   1.27     memRecordCycle has no alloc_bytes and free_bytes: a bucket's objects are of one size
//   throughout: hash is that of the stack and the size, computed in the same way
//
// Told by the presence of alloc_bytes. Checked wherever one is used: the hash agrees with stack
// and size, so that header, size and stack are what they seem; counts of bytes agree with those of
// objects, where there are any, and no more is freed than was allocated.
#include "goruntime/facts/memory_bucket.h"

namespace goshawk::goruntime::facts {

namespace {

constexpr std::string_view kBucket = "runtime.bucket", kRecord = "runtime.memRecord",
                           kCycle = "runtime.memRecordCycle";
constexpr std::uint64_t kMostBytes = 512;

std::optional<std::uint32_t> offset_of(const LayoutSource& layout, std::string_view name) {
  auto field = layout.field(kCycle, name);
  return field ? std::optional(field->offset) : std::nullopt;
}

Result<void> bind_header(const LayoutSource& layout, MemoryBucketFact& fact) {
  fact.allnext = TRY(layout.need_offset(kBucket, "allnext"));
  fact.typ = TRY(layout.need_offset(kBucket, "typ"));
  fact.hash = TRY(layout.need_offset(kBucket, "hash"));
  fact.size = TRY(layout.need_offset(kBucket, "size"));
  fact.nstk = TRY(layout.need_offset(kBucket, "nstk"));
  std::uint64_t bytes = TRY(layout.need_size(kBucket));
  if (bytes > kMostBytes || bytes % 8 != 0)
    return fail(Missing{"runtime.bucket of a believable size", "allocation records"});
  fact.stack = static_cast<std::uint32_t>(bytes);
  return {};
}

Result<void> bind_record(const LayoutSource& layout, MemoryBucketFact& fact) {
  Field active = TRY(layout.need(kRecord, "active")), future = TRY(layout.need(kRecord, "future"));
  std::uint64_t record = TRY(layout.need_size(kRecord)), cycle = TRY(layout.need_size(kCycle));
  bool fits = record <= kMostBytes && cycle != 0 && active.size_bytes == cycle &&
              future.size_bytes % cycle == 0 && active.offset + cycle <= record &&
              std::uint64_t{future.offset} + future.size_bytes <= record;
  if (!fits) return fail(Missing{"runtime.memRecord of a believable shape", "allocation records"});
  fact.active = active.offset;
  fact.future = future.offset;
  fact.cycles = static_cast<std::uint32_t>(future.size_bytes / cycle);
  fact.record_bytes = static_cast<std::uint32_t>(record);
  fact.cycle_bytes = static_cast<std::uint32_t>(cycle);
  fact.allocs = TRY(layout.need_offset(kCycle, "allocs"));
  fact.frees = TRY(layout.need_offset(kCycle, "frees"));
  fact.alloc_bytes = offset_of(layout, "alloc_bytes");
  fact.free_bytes = offset_of(layout, "free_bytes");
  return {};
}

}  // namespace

Result<MemoryBucketFact> MemoryBucketFact::bind(const LayoutSource& layout) {
  MemoryBucketFact fact;
  TRY_VOID(bind_header(layout, fact));
  TRY_VOID(bind_record(layout, fact));
  return fact;
}

std::uint64_t compute_bucket_hash(std::span<const std::uint64_t> stack, std::uint64_t size) {
  std::uint64_t hash = 0;
  auto add = [&](std::uint64_t word) {
    hash += word;
    hash += hash << 10;
    hash ^= hash >> 6;
  };
  for (std::uint64_t pc : stack) add(pc);
  add(size);
  hash += hash << 3;
  hash ^= hash >> 11;
  return hash;
}

}  // namespace goshawk::goruntime::facts
