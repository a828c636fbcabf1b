// A sum over all spans, by mspan.allocCount. Spans come and go meanwhile: one that does not make
// sense in itself is left out, and a sum may be a moment's wrong, which a trend does not mind. What
// it costs goes with the number of spans: a microsecond for ten.
//
// The runtime has the same sums of its own (runtime.memstats.heapStats), but neither the place nor
// the shape of that variable can be told in a program without symbols.
#include "goruntime/heap/size_class_use.h"

#include <array>
#include <map>

#include "goruntime/heap/heap_gather.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kMostSpans = std::uint64_t{1} << 24;  // 128 GB in pages of their own
constexpr std::uint64_t kMostPages = std::uint64_t{1} << 35;

struct Slice {
  std::uint64_t data, length, capacity;
};

bool is_consistent(const Mspan& span) {
  if (span.state != SpanState::kInUse || span.npages == 0 || span.npages > kMostPages) return false;
  if (span.sizeclass() == 0) return span.alloc_count <= 1;
  return span.elemsize >= 8 && span.elemsize <= span.npages * kPageBytes &&
         span.alloc_count <= span.nelems && span.nelems <= span.npages * kPageBytes / span.elemsize;
}

}  // namespace

Result<std::vector<SizeClassUse>> read_size_class_use(const target::Memory& memory,
                                                      const MheapFact& mheap,
                                                      const MspanFact& mspan, Address heap) {
  Slice spans = TRY(memory.read_value<Slice>(heap + mheap.allspans));
  if (spans.length == 0 || spans.length > spans.capacity || spans.length > kMostSpans)
    return fail(Missing{"runtime.mheap_.allspans with a believable length", "heap by size"});
  auto pointers = TRY(memory.read_array<std::uint64_t>(Address(spans.data), spans.length));
  std::vector<GatherRequest> requests;
  requests.reserve(pointers.size());
  for (std::uint64_t pointer : pointers) requests.push_back({Address(pointer), mspan.size_bytes});
  std::map<std::uint64_t, std::uint64_t> bytes_of;
  gather(memory, requests, [&](std::uint32_t, ByteView bytes) {
    if (bytes.empty()) return;
    Mspan span = mspan.parse({}, bytes);
    if (!is_consistent(span) || span.alloc_count == 0) return;
    if (span.sizeclass() == 0)
      bytes_of[0] += span.npages * kPageBytes;
    else
      bytes_of[span.elemsize] += span.elemsize * span.alloc_count;
  });
  std::vector<SizeClassUse> use;
  for (auto [slot_bytes, bytes] : bytes_of) use.push_back({slot_bytes, bytes});
  return use;
}

}  // namespace goshawk::goruntime
