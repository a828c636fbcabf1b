// The memory profiler's buckets. The input is which release's they are, whether the target runs,
// and what is changed in them (patches.h); then each has the hash again that its stack and size
// have, for behind that is where hostile bytes begin.
#include "fuzz/fuzz.h"
#include "fuzz/patches.h"
#include "goruntime/testing/synthetic_buckets.h"

namespace goshawk::fuzz {
namespace {

using namespace goruntime;
using namespace goruntime::synthetic;

struct SoundBuckets : SyntheticBuckets {
  explicit SoundBuckets(const char* release) : SyntheticBuckets(release) {
    for (std::uint64_t i = 0; i < 6; ++i) {
      std::vector<std::uint64_t> stack(i * 3, 0x401000 + i);
      all.push_back(add(16 << i, stack, {i * 2, i}, {Cycle{i, 0}, {0, i}, {1, 1}}));
      places.push_back({newest, newest + fact.stack + 200});
    }
  }
  std::vector<Address> all;
  std::vector<AddressRange> places;
};

void seal(const facts::MemoryBucketFact& fact, Address bucket, PatchedMemory& memory) {
  auto count = memory.read_value<std::uint64_t>(bucket + fact.nstk);
  auto size = memory.read_value<std::uint64_t>(bucket + fact.size);
  if (!count || !size || *count > facts::MemoryBucketFact::kMostFrames) return;
  std::vector<std::uint64_t> stack(*count);
  if (memory.read(bucket + fact.stack, std::as_writable_bytes(std::span(stack))))
    memory.put(bucket + fact.hash, facts::compute_bucket_hash(stack, *size));
}

}  // namespace

void run(ByteView bytes) {
  static SoundBuckets with_bytes("go1.26.11"), without("go1.27.4");
  Input input(bytes);
  unsigned kind = input.take();
  SoundBuckets& sound = kind % 2 == 0 ? without : with_bytes;
  PatchedMemory memory(sound.memory);
  patch(input, sound.places, memory);
  for (Address bucket : sound.all) seal(sound.fact, bucket, memory);
  auto buckets = read_memory_buckets(memory, sound.fact, sound.newest, kind % 4 < 2);
  if (!buckets) return;
  for (const CountedBucket& one : buckets->all)
    if (one.counts.frees > one.counts.allocs) __builtin_trap();
}

std::vector<std::string> seeds() {
  return {std::string(1, 0), {1}, {2}, std::string("\0\1\2\3\0\1\2\0", 8)};
}

}  // namespace goshawk::fuzz
